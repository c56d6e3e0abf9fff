package schedule

import (
	"context"
	"time"
)

// Tick is what the clock does every minute; it returns when what is due has been started.
func (s *Schedule) Tick(ctx context.Context) { s.tick(ctx) }

// Idle waits for the jobs that ticks have started.
func (s *Schedule) Idle() { s.running.Wait() }

// SetPulse makes hearts beat, and stop, faster than in life.
func (s *Schedule) SetPulse(beat, lost time.Duration) { s.beat, s.lost = beat, lost }
