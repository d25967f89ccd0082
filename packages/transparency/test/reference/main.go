// Writes ../vectors.json: what the reference implementations of RFC 6962 trees, C2SP tiles, signed notes, checkpoints and
// cosignatures give for the log whose entry n is the text "entry n". See ../../README.md for how to run it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	fmtlog "github.com/transparency-dev/formats/log"
	fmtnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	smallSizes = 300
	allPairs   = 24
	largest    = 70_000
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func require(ok bool, what string) {
	if !ok {
		log.Fatalf("the reference implementations disagree: %s", what)
	}
}

func b64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func entry(n uint64) []byte { return []byte(fmt.Sprintf("entry %d", n)) }

// tree keeps every stored hash of the log twice: as tlog and as compact ranges see it.
type tree struct {
	stored tlogHashes
	nodes  map[compact.NodeID][]byte
}

type tlogHashes []tlog.Hash

func (h tlogHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = h[at]
	}
	return out, nil
}

func grow(size uint64) (*tree, map[uint64][]byte, map[uint64][][]byte) {
	t := &tree{nodes: map[compact.NodeID][]byte{}}
	roots := map[uint64][]byte{0: rfc6962.DefaultHasher.EmptyRoot()}
	ranges := map[uint64][][]byte{0: {}}
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r := factory.NewEmptyRange(0)
	visit := func(id compact.NodeID, hash []byte) { t.nodes[id] = bytes.Clone(hash) }
	for n := range size {
		hashes, err := tlog.StoredHashes(int64(n), entry(n), t.stored)
		check(err)
		t.stored = append(t.stored, hashes...)
		leaf := rfc6962.DefaultHasher.HashLeaf(entry(n))
		check(r.Append(leaf, visit))
		if n+1 <= smallSizes || isLarge(n+1) {
			root, err := r.GetRootHash(nil)
			check(err)
			other, err := tlog.TreeHash(int64(n+1), t.stored)
			check(err)
			require(bytes.Equal(root, other[:]), "root")
			roots[n+1] = bytes.Clone(root)
			ranges[n+1] = append([][]byte{}, r.Hashes()...)
		}
	}
	return t, roots, ranges
}

func isLarge(size uint64) bool {
	for _, large := range largeSizes {
		if size == large {
			return true
		}
	}
	return false
}

var largeSizes = []uint64{1000, 4095, 4096, 65_535, 65_536, 65_537, largest}

func (t *tree) rehash(nodes proof.Nodes) [][]byte {
	var hashes [][]byte
	for _, id := range nodes.IDs {
		hash, ok := t.nodes[id]
		require(ok, "node")
		hashes = append(hashes, hash)
	}
	out, err := nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	check(err)
	return out
}

type inclusion struct {
	Index uint64   `json:"index"`
	Size  uint64   `json:"size"`
	Proof []string `json:"proof"`
}

func (t *tree) inclusion(index, size uint64) inclusion {
	nodes, err := proof.Inclusion(index, size)
	check(err)
	hashes := t.rehash(nodes)
	other, err := tlog.ProveRecord(int64(size), int64(index), t.stored)
	check(err)
	require(len(other) == len(hashes), "inclusion proof")
	out := inclusion{index, size, []string{}}
	for i, hash := range hashes {
		require(bytes.Equal(hash, other[i][:]), "inclusion proof")
		out.Proof = append(out.Proof, b64(hash))
	}
	return out
}

type consistency struct {
	First  uint64   `json:"first"`
	Second uint64   `json:"second"`
	Proof  []string `json:"proof"`
}

func (t *tree) consistency(first, second uint64) consistency {
	nodes, err := proof.Consistency(first, second)
	check(err)
	hashes := t.rehash(nodes)
	out := consistency{first, second, []string{}}
	if first > 0 && first < second {
		other, err := tlog.ProveTree(int64(second), int64(first), t.stored)
		check(err)
		require(len(other) == len(hashes), "consistency proof")
		for i, hash := range hashes {
			require(bytes.Equal(hash, other[i][:]), "consistency proof")
		}
	}
	for _, hash := range hashes {
		out.Proof = append(out.Proof, b64(hash))
	}
	return out
}

type file struct {
	Path   string `json:"path"`
	Sha256 string `json:"sha256"`
}

// files are all tiles and bundles of a log of that size, by the paths that C2SP gives them.
func (t *tree) files(size uint64) []file {
	out := []file{}
	for _, tile := range tlog.NewTiles(8, 0, int64(size)) {
		data, err := tlog.ReadTileData(tile, t.stored)
		check(err)
		path := layout.TilePath(uint64(tile.L), uint64(tile.N), uint8(tile.W%256))
		require(strings.Replace(tile.Path(), "tile/8/", "tile/", 1) == path, "path of a tile")
		require(tile.W == 256 || int(layout.PartialTileSize(uint64(tile.L), uint64(tile.N), size)) == tile.W, "width")
		var parsed api.HashTile
		check(parsed.UnmarshalText(data))
		require(len(parsed.Nodes) == tile.W, "tile")
		digest := sha256.Sum256(data)
		out = append(out, file{path, hex.EncodeToString(digest[:])})
		if tile.L == 0 {
			out = append(out, bundleOf(uint64(tile.N), tile.W))
		}
	}
	return out
}

func bundleOf(n uint64, width int) file {
	var data []byte
	for i := range uint64(width) {
		text := entry(n*256 + i)
		data = append(data, byte(len(text)>>8), byte(len(text)))
		data = append(data, text...)
	}
	var parsed api.EntryBundle
	check(parsed.UnmarshalText(data))
	require(len(parsed.Entries) == width, "bundle")
	digest := sha256.Sum256(data)
	return file{layout.EntriesPath(n, uint8(width%256)), hex.EncodeToString(digest[:])}
}

type tilePath struct {
	Level uint64 `json:"level"`
	Index uint64 `json:"index"`
	Width int    `json:"width"`
	Path  string `json:"path"`
}

func paths() []tilePath {
	out := []tilePath{}
	for _, at := range []tilePath{{0, 0, 256, ""}, {0, 999, 1, ""}, {1, 1000, 255, ""}, {0, 1234067, 256, ""},
		{3, 999_999_999, 17, ""}, {5, 12_345_678_901, 256, ""}} {
		at.Path = layout.TilePath(at.Level, at.Index, uint8(at.Width%256))
		out = append(out, at)
	}
	return out
}

type noteCase struct {
	Name      string   `json:"name"`
	Note      string   `json:"note"`
	Outcome   string   `json:"outcome"`
	Verified  []string `json:"verified"`
	Unknown   int      `json:"unknown"`
	KnownKeys []string `json:"knownKeys"`
}

type key struct{ skey, vkey string }

func keyOf(name string, seed byte) key {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	vkey, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	check(err)
	parts := strings.SplitN(vkey, "+", 3)
	return key{"PRIVATE+KEY+" + name + "+" + parts[1] + "+" + b64(append([]byte{1}, private.Seed()...)), vkey}
}

func signerOf(k key) note.Signer {
	signer, err := note.NewSigner(k.skey)
	check(err)
	return signer
}

func judge(name string, message []byte, keys ...key) noteCase {
	out := noteCase{Name: name, Note: string(message), Verified: []string{}, KnownKeys: []string{}}
	var verifiers []note.Verifier
	for _, k := range keys {
		verifier, err := note.NewVerifier(k.vkey)
		check(err)
		verifiers = append(verifiers, verifier)
		out.KnownKeys = append(out.KnownKeys, k.vkey)
	}
	opened, err := note.Open(message, note.VerifierList(verifiers...))
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case err == nil:
		out.Outcome = "verified"
		for _, sig := range opened.Sigs {
			out.Verified = append(out.Verified, sig.Name)
		}
		out.Unknown = len(opened.UnverifiedSigs)
	case errors.As(err, &invalid):
		out.Outcome = "invalid"
	case errors.As(err, &unverified):
		out.Outcome = "unverified"
	default:
		out.Outcome = "malformed"
	}
	return out
}

func notes(root []byte) []noteCase {
	one, two, stranger := keyOf("log.example/ledger", 1), keyOf("ünï.example/二", 2), keyOf("log.example/ledger", 3)
	text := string(fmtlog.Checkpoint{Origin: "log.example/ledger", Size: 300, Hash: root}.Marshal())
	sign := func(text string, keys ...key) []byte {
		var signers []note.Signer
		for _, k := range keys {
			signers = append(signers, signerOf(k))
		}
		message, err := note.Sign(&note.Note{Text: text}, signers...)
		check(err)
		return message
	}
	signed := sign(text, one)
	line := bytes.Split(signed, []byte("\n"))[4]
	replace := func(from, to string) []byte { return []byte(strings.Replace(string(signed), from, to, 1)) }
	many := func(count int) []byte {
		return append(bytes.Clone(signed), bytes.Repeat([]byte("— other.example AAAAAAA=\n"), count)...)
	}
	return []noteCase{
		judge("one signature", signed, one),
		judge("two signatures, both known", sign(text, one, two), one, two),
		judge("two signatures, one known", sign(text, one, two), two),
		judge("a text with empty lines", sign("a\n\nb\n\n\nc\n", one), one),
		judge("a text that is one empty line", sign("\n", one), one),
		judge("nobody is known", signed),
		judge("another key under the same name", signed, stranger),
		judge("the same signature twice", append(bytes.Clone(signed), append(line, '\n')...), one),
		judge("another size", replace("300", "301"), one),
		judge("a bare signature line", replace(string(line), "— log.example/ledger"), one),
		judge("no base64", replace(string(line), "— log.example/ledger %%%%"), one),
		judge("a key id alone", replace(string(line), "— log.example/ledger AAAAAA=="), one),
		judge("a hyphen instead of a dash", replace("— ", "- "), one),
		judge("no newline at the end", signed[:len(signed)-1], one),
		judge("no signature", []byte(text+"\n"), one),
		judge("no blank line", []byte(strings.Replace(string(signed), "\n\n", "\n", 1)), one),
		judge("a tab in the text", replace("300", "3\t0"), one),
		judge("a carriage return", replace("300\n", "300\r\n"), one),
		judge("a plus in a name", replace("— log.example/ledger", "— log.example+ledger"), one),
		judge("no name", replace("— log.example/ledger", "— "), one),
		judge("a no-break space in a name", replace("— log.example/ledger", "— log.\u00a0example"), one),
		judge("an ogham space in a name", replace("— log.example/ledger", "— log.\u1680example"), one),
		judge("a next-line in a name", replace("— log.example/ledger", "— log.\u0085example"), one),
		judge("a hundred signatures", many(99), one),
		judge("a hundred and one signatures", many(100), one),
		judge("an empty note", []byte{}, one),
		judge("only newlines", []byte("\n\n"), one),
	}
}

type cosignatureCase struct {
	Note     string `json:"note"`
	LogVkey  string `json:"logVkey"`
	Vkey     string `json:"vkey"`
	Seed     string `json:"seed"`
	TimeSecs uint64 `json:"timeSecs"`
}

func cosignatures(roots map[uint64][]byte) []cosignatureCase {
	logKey := keyOf("log.example/ledger", 1)
	out := []cosignatureCase{}
	for i, size := range []uint64{1, 300, largest} {
		seed := byte(10 + i)
		witness := keyOf(fmt.Sprintf("witness.example/%d", i), seed)
		signer, err := fmtnote.NewSignerForCosignatureV1(witness.skey)
		check(err)
		text := string(fmtlog.Checkpoint{Origin: "log.example/ledger", Size: size, Hash: roots[size]}.Marshal())
		if i == 1 {
			text += "an extension line\n"
		}
		message, err := note.Sign(&note.Note{Text: text}, signerOf(logKey), signer)
		check(err)
		opened, err := note.Open(message, note.VerifierList(signer.Verifier()))
		check(err)
		seconds, err := fmtnote.CoSigV1Timestamp(opened.Sigs[0])
		check(err)
		seed32 := bytes.Repeat([]byte{seed}, 32)
		public := ed25519.NewKeyFromSeed(seed32).Public().(ed25519.PublicKey)
		vkey := fmt.Sprintf("%s+%08x+%s", signer.Name(), signer.KeyHash(), b64(append([]byte{4}, public...)))
		_, err = fmtnote.NewVerifierForCosignatureV1(vkey)
		check(err)
		out = append(out, cosignatureCase{string(message), logKey.vkey, vkey, hex.EncodeToString(seed32), uint64(seconds.Unix())})
	}
	return out
}

func main() {
	t, roots, ranges := grow(largest)
	vectors := map[string]any{"about": "written by packages/transparency/test/reference; entry n of the log is the text 'entry n'"}

	small := []string{}
	for size := range uint64(smallSizes + 1) {
		small = append(small, b64(roots[size]))
	}
	large := map[string]string{}
	for _, size := range largeSizes {
		large[fmt.Sprint(size)] = b64(roots[size])
	}
	vectors["roots"], vectors["largeRoots"] = small, large

	compacts := map[string][]string{}
	for _, size := range append([]uint64{0, 1, 2, 3, 7, 8, 255, 256, 257, 300}, largeSizes...) {
		hashes := []string{}
		for _, hash := range ranges[size] {
			hashes = append(hashes, b64(hash))
		}
		compacts[fmt.Sprint(size)] = hashes
	}
	vectors["compactRanges"] = compacts

	inclusions, consistencies := []inclusion{}, []consistency{}
	for size := uint64(1); size <= allPairs; size++ {
		for index := range size {
			inclusions = append(inclusions, t.inclusion(index, size))
		}
		for first := range size + 1 {
			consistencies = append(consistencies, t.consistency(first, size))
		}
	}
	for _, size := range []uint64{127, 128, 129, 255, 256, 257, 300, 65_536, largest} {
		for _, index := range []uint64{0, 1, 126, 127, 128, 254, 255, 256, 299, 4096, 65_535, 65_536, largest - 1} {
			if index < size {
				inclusions = append(inclusions, t.inclusion(index, size))
			}
			if index > 0 && index < size {
				consistencies = append(consistencies, t.consistency(index, size))
			}
		}
	}
	vectors["inclusion"], vectors["consistency"] = inclusions, consistencies

	files := map[string][]file{}
	for _, size := range []uint64{0, 1, 2, 255, 256, 257, 300, 512, 600, 1000} {
		files[fmt.Sprint(size)] = t.files(size)
	}
	for _, size := range []uint64{65_535, 65_536, 65_537, largest} { // the right edge is enough
		all := t.files(size)
		files[fmt.Sprint(size)] = all[len(all)-6:]
	}
	vectors["files"], vectors["tilePaths"] = files, paths()
	vectors["notes"], vectors["cosignatures"] = notes(roots[300]), cosignatures(roots)

	out, err := json.MarshalIndent(vectors, "", " ")
	check(err)
	check(os.WriteFile("../vectors.json", append(out, '\n'), 0o644))
}
