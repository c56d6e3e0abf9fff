package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/caarlos0/env/v11"
	"github.com/spf13/cobra"

	"blangko/internal/postgres/pgembed"
)

// config is what the environment says; flags win over it.
type config struct {
	DatabaseURL    string `env:"DATABASE_URL,unset"`
	ServerPassword string `env:"BLANGKO_SERVER_PASSWORD,unset"`
	Data           string `env:"BLANGKO_DATA"`
	Postgres       string `env:"BLANGKO_POSTGRES"` // directory of PostgreSQL's programs
	Keys           string `env:"BLANGKO_KEYS"`     // directory of the keys of custody and checkpoints
	Log            string `env:"BLANGKO_LOG" envDefault:"info"`
	Roads          string `env:"BLANGKO_ROADS"` // OpenStreetMap file or address of an OSRM server; great circles when empty
	Connections    int    `env:"BLANGKO_CONNECTIONS" envDefault:"16"`
}

func readConfig() (config, error) {
	c, err := env.ParseAs[config]()
	if err != nil {
		return c, fmt.Errorf("read the environment: %w", err)
	}
	if c.Data == "" {
		c.Data = pgembed.DefaultDir(os.Getuid(), os.Getenv)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return c, fmt.Errorf("BLANGKO_LOG=%s: use debug, info, warn or error", c.Log)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	return c, nil
}

// dataFlag is the flag of every command that uses the database.
func dataFlag(cmd *cobra.Command, c *config) *cobra.Command {
	cmd.Flags().StringVar(&c.Data, "data", c.Data, "directory of the embedded PostgreSQL; not used when DATABASE_URL is set")
	return cmd
}
