package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
			key, err := d.signing(keyFile)
			if err != nil {
				return err
			}
			point, err := d.ledger(time.Now).Checkpoint(cmd.Context(), access.System, key)
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
	cmd.Flags().StringVar(&keyFile, "key", "", "file of the private key (PEM), made when there is none; the house's own unless named")
	return cmd
}

// signing is the key of a file, or the one that signs the checkpoint of every night.
func (d *database) signing(file string) (ed25519.PrivateKey, error) {
	if file == "" {
		return d.keys.signing()
	}
	return signingKey(file)
}

// signNightly opens the boxes out of which blanks were taken unnamed, signs the heads of all chains for the day and writes the
// checkpoint beside the keys, to be carried away from there.
func (s *system) signNightly(ctx context.Context, _ func(done, total int)) (string, error) {
	opened, err := s.ledger.SettleAllBoxes(ctx, access.System)
	if err != nil {
		return "", err
	}
	key, err := s.db.keys.signing()
	if err != nil {
		return "", err
	}
	day, text, err := s.ledger.KeepCheckpoint(ctx, access.System, key)
	if err != nil {
		return "", err
	}
	err = s.db.keys.add(filepath.Join(checkpointsDir, day+".json"), append(text, '\n'), 0o644)
	if err != nil && !errors.Is(err, fs.ErrExist) { // another replica has the same text
		return "", err
	}
	return fmt.Sprintf("checkpoint of %s signed, %d boxes opened", day, opened), nil
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

// readCheckpoint reads a checkpoint and the key that must have signed it: the public half, or the private one.
func readCheckpoint(file, keyFile string) (point inventory.Checkpoint, trusted ed25519.PublicKey, err error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return point, nil, fmt.Errorf("--checkpoint wants --key, the key that signed it: %w", err)
	}
	if trusted, err = publicKey(keyFile, text); err != nil {
		return point, nil, err
	}
	if text, err = os.ReadFile(file); err != nil {
		return point, nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if err := json.Unmarshal(text, &point); err != nil {
		return point, nil, fmt.Errorf("read checkpoint %s: %w", file, err)
	}
	return point, trusted, nil
}

func publicKey(file string, text []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM key", file)
	}
	if block.Type == "PRIVATE KEY" {
		key, err := signingKey(file)
		if err != nil {
			return nil, err
		}
		return key.Public().(ed25519.PublicKey), nil
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", file, err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key that is not Ed25519", file)
	}
	return public, nil
}

// keptCheckpoints holds the ledger against every checkpoint that was written beside the keys.
func (d *database) keptCheckpoints(ctx context.Context) (breaches []inventory.Breach, checked int, err error) {
	files, err := d.keys.checkpoints()
	if err != nil {
		return nil, 0, err
	}
	for _, file := range files {
		point, trusted, err := readCheckpoint(file, filepath.Join(string(d.keys), publicFile))
		if err != nil {
			return nil, 0, err
		}
		since, err := d.ledger(time.Now).VerifyCheckpoint(ctx, access.System, point, trusted)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", file, err)
		}
		breaches = append(breaches, since...)
	}
	return breaches, len(files), nil
}
