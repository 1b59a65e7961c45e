// Command server is a small HTTP service.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/go-app/internal/api"
	"example.com/go-app/internal/buildinfo"
)

const grace = 5 * time.Second

func main() {
	if err := run(); err != nil {
		slog.Error("server ended", "error", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	handler := api.New()
	server := &http.Server{
		Addr:              address(),
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
	}
	info := buildinfo.Current()
	slog.Info("listening", "address", server.Addr, "version", info.Version, "platform", info.Platform)

	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}

	slog.Info("stopping", "grace", grace)
	handler.Drain()
	shutdown, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(shutdown); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func address() string {
	if port := os.Getenv("PORT"); port != "" {
		return ":" + port
	}
	return ":8080"
}
