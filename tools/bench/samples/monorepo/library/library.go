// Package library is what all services share: a server with settings.
package library

import (
	"encoding/json"
	"net/http"
	"os"

	"gopkg.in/yaml.v3"
)

// Settings are a service's settings.
type Settings struct {
	Listen string `yaml:"listen"`
	Name   string `yaml:"name"`
}

// Serve answers every request with the service's name and version.
func Serve(path, version string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var settings Settings
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return err
	}
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"name": settings.Name, "version": version})
	})
	return http.ListenAndServe(settings.Listen, nil)
}
