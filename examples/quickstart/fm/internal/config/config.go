// Package config reads the program's configuration file.
package config

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// Config is what conf/config.yaml may say.
type Config struct {
	// Address to listen on, host:port.
	Listen string `yaml:"listen"`
	// Greeting sent before the time.
	Greeting string `yaml:"greeting"`
}

// Read parses the file at path. An unknown key or a missing value is an error:
// a misspelt setting should stop the program, not be ignored.
func Read(path string) (Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer file.Close()

	var config Config
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&config); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if config.Listen == "" || config.Greeting == "" {
		return Config{}, fmt.Errorf("%s: listen and greeting must be set", path)
	}
	return config, nil
}
