print("hello from reports")
