// Command coredns is CoreDNS with the plugins of the local cluster's Corefile and no others.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
)

// init fixes the order in which a query passes the plugins.
func init() {
	dnsserver.Directives = []string{
		"reload", "health", "ready", "errors", "log", "loop", "cache", "loadbalance", "hosts", "kubernetes",
	}
}

func main() {
	coremain.Run()
}
