// Package api is the service's HTTP interface.
package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"example.com/go-app/internal/buildinfo"
)

// API answers requests; it is ready until Drain is called.
type API struct {
	router   chi.Router
	draining atomic.Bool
}

// New returns the service's interface.
func New() *API {
	api := &API{router: chi.NewRouter()}
	api.router.Use(middleware.Recoverer)
	api.router.Get("/healthz", api.health)
	api.router.Get("/version", version)
	api.router.Get("/greet/{name}", greet)
	return api
}

// Drain makes the health check fail, so that no new requests are sent here.
func (api *API) Drain() {
	api.draining.Store(true)
}

func (api *API) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	api.router.ServeHTTP(response, request)
}

func (api *API) health(response http.ResponseWriter, _ *http.Request) {
	if api.draining.Load() {
		answer(response, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		return
	}
	answer(response, http.StatusOK, map[string]string{"status": "ok"})
}

func version(response http.ResponseWriter, _ *http.Request) {
	answer(response, http.StatusOK, buildinfo.Current())
}

func greet(response http.ResponseWriter, request *http.Request) {
	name := chi.URLParam(request, "name")
	answer(response, http.StatusOK, map[string]string{"greeting": "Hello, " + name + "!"})
}

func answer(response http.ResponseWriter, status int, body any) {
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	if err := json.NewEncoder(response).Encode(body); err != nil {
		slog.Error("write answer", "error", err)
	}
}
