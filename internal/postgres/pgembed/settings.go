//go:build unix

package pgembed

import (
	"maps"
	"slices"
)

// settings are the arguments of postgres: fit for a small server of two cores,
// durable, and silent about what a log must not hold.
func (c *cluster) settings() []string {
	values := map[string]string{
		"listen_addresses":        "", // the socket alone: no port to collide with or to attack
		"port":                    socketPort,
		"unix_socket_directories": c.socket,
		"unix_socket_permissions": "0700",
		"password_encryption":     "scram-sha-256",
		"cluster_name":            "blangko",

		"shared_buffers":       "256MB",
		"effective_cache_size": "1GB",
		"max_connections":      "60",
		"max_wal_size":         "2GB",
		"min_wal_size":         "32MB", // what is kept of the log when nobody writes
		"random_page_cost":     "1.1",
		"jit":                  "off", // our statements are short: compiling them costs more than it saves

		// No standby follows a server of our own and backups are dumps, so the log needs only what a crash needs:
		// rows copied into a fresh table are not written twice.
		"wal_level":       "minimal",
		"max_wal_senders": "0",

		"fsync":              "on",
		"synchronous_commit": "on",
		"full_page_writes":   "on",

		"timezone":     "UTC",
		"log_timezone": "UTC",

		"logging_collector":   "on",
		"log_directory":       c.path(logDir),
		"log_filename":        "postgresql-%Y%m%d-%H%M%S.log",
		"log_rotation_size":   "10MB",
		"log_rotation_age":    "1d",
		"log_file_mode":       "0600",
		"log_line_prefix":     "%m [%p] ",
		"log_error_verbosity": "terse", // details can hold values of rows
		// A statement that fails can hold a password.
		"log_min_error_statement": "panic",
	}
	if c.options.Fast {
		maps.Copy(values, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
		})
	}
	maps.Copy(values, c.options.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		args = append(args, "-c", name+"="+values[name])
	}
	return args
}
