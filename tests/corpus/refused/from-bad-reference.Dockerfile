FROM Alpine:latest
