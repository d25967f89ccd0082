module subnetes.io/transparency-vectors

go 1.26.0

require (
	github.com/transparency-dev/formats v0.1.0
	github.com/transparency-dev/merkle v0.0.2
	github.com/transparency-dev/tessera v1.0.4
	golang.org/x/mod v0.43.0
)

require golang.org/x/crypto v0.52.0 // indirect
