// Command fm is the quickstart's program: it greets, and tells the local time.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"time"

	"example.com/fm/internal/config"
)

// answer is the JSON body of GET /.
type answer struct {
	Greeting string `json:"greeting"`
	Time     string `json:"time"`
	Zone     string `json:"zone"`
}

func main() {
	path := flag.String("config", "conf/config.yaml", "configuration file")
	listen := flag.String("listen", "", "address to listen on, instead of the configuration's")
	flag.Parse()

	settings, err := config.Read(*path)
	if err != nil {
		log.Fatal(err)
	}
	if *listen != "" {
		settings.Listen = *listen
	}

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		zone, _ := now.Zone()
		w.Header().Set("Content-Type", "application/json")
		err := json.NewEncoder(w).Encode(answer{settings.Greeting, now.Format(time.RFC3339), zone})
		if err != nil {
			log.Print(err)
		}
	})
	log.Printf("fm listens on %s", settings.Listen)
	log.Fatal(http.ListenAndServe(settings.Listen, nil))
}
