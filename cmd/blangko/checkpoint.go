package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/access"
	"blangko/inventory"
)

// checkpointCommand signs the heads of all chains into a file, to be kept away from the database.
func checkpointCommand(c *config) *cobra.Command {
	var keyFile string
	cmd := dataFlag(&cobra.Command{
		Use:   "checkpoint FILE",
		Short: "Sign the newest link of every chain into a file, to be kept elsewhere",
		Args:  cobra.ExactArgs(1),
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, args []string) error {
			key, err := signingKey(keyFile)
			if err != nil {
				return err
			}
			point, err := inventory.NewLedger(d.DB, time.Now).Checkpoint(cmd.Context(), access.System, key)
			if err != nil {
				return err
			}
			text, err := json.MarshalIndent(point, "", " ")
			if err != nil {
				return fmt.Errorf("encode checkpoint: %w", err)
			}
			if err := os.WriteFile(args[0], append(text, '\n'), 0o644); err != nil {
				return fmt.Errorf("write checkpoint: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d chains signed\n", len(point.Heads))
			return nil
		}),
	}, c)
	cmd.Flags().StringVar(&keyFile, "key", "", "file of the private key (PEM); made when there is none")
	if err := cmd.MarkFlagRequired("key"); err != nil {
		panic(err) // the flag stands above
	}
	return cmd
}

// signingKey reads the Ed25519 key of a file, or makes one that only its owner can read.
func signingKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newSigningKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM key", file)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	signing, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key that is not Ed25519", file)
	}
	return signing, nil
}

func newSigningKey(file string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	return key, nil
}

// readCheckpoint reads a checkpoint and the key that must have signed it.
func readCheckpoint(file, keyFile string) (point inventory.Checkpoint, trusted ed25519.PublicKey, err error) {
	if _, err := os.Stat(keyFile); err != nil {
		return point, nil, fmt.Errorf("--checkpoint wants --key, the key that signed it: %w", err)
	}
	key, err := signingKey(keyFile)
	if err != nil {
		return point, nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return point, nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if err := json.Unmarshal(text, &point); err != nil {
		return point, nil, fmt.Errorf("read checkpoint %s: %w", file, err)
	}
	return point, key.Public().(ed25519.PublicKey), nil
}
