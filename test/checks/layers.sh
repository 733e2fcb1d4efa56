#!/usr/bin/env bash
# layers.sh ROOT: fails and names every include under ROOT/include and ROOT/src that no layer arrow allows.
# Not a style check: what it enforces is the design's table of layers, nothing else.
set -euo pipefail
cd "$1"

find include src \( -name '*.hpp' -o -name '*.cpp' \) -not -path 'src/cmake/*' -print0 |
  xargs -0 grep -HnE '^[[:space:]]*#[[:space:]]*include|::now\(\)|random_device' |
  awk '
  # What each layer may include besides itself. `face` are the public headers that describe no operation (errors, options,
  # events, generators).
  BEGIN {
    allow("model", "face")
    allow("face", "model")
    allow("protocol", "model face")
    allow("net", "face")
    allow("session", "protocol net model face")
    allow("api", "session protocol model face")
    allow("bulk", "api model face")
    allow("testing", "protocol model face")
    # The pool waits and dials (net) as its pure state machine decides (protocol).
    exception["net", "src/protocol/pool_state.hpp"] = 1
    api_headers = "^include/mistral/(workflows|workflows/(client|execution_handle|executions|runs|workflows|schedules|events|deployments|metrics|registrations|workers))\\.hpp$"
    bulk_headers = "^include/mistral/workflows/(bulk|completion_hub)\\.hpp$"
    # Reached by no include of the layer, however long the chain.
    never["protocol"] = "^(boost/(asio|beast)|openssl/)"
    never["model"] = "^(boost/(asio|beast)|openssl/)"
    never["net"] = "^include/mistral/workflows/model/"
    never["testing"] = "^src/(net|session|api|bulk)/"
    never["face"] = never["api"] = never["bulk"] = "^(boost/(beast|asio/ssl)|openssl/)"
  }
  function allow(from, to,   names, i) {
    allowed[from, from] = 1
    split(to, names, " ")
    for (i in names) allowed[from, names[i]] = 1
  }
  function layer_of(file,   parts) {
    if (file ~ "^include/mistral/workflows/model/") return "model"
    if (file ~ "^include/mistral/workflows/testing/") return "testing"
    if (file ~ bulk_headers) return "bulk"
    if (file ~ api_headers) return "api"
    if (file ~ "^include/") return "face"
    if (split(file, parts, "/") >= 3) return parts[2]
    return ""
  }
  function complain(text) { print text; bad = 1 }
  {
    split($0, parts, ":")
    file = parts[1]; line = parts[2]; text = substr($0, length(file) + length(line) + 3)
    layer = layer_of(file)
    files[file] = layer
    if (text !~ /^[ \t]*#[ \t]*include/) {
      if (layer == "protocol" && text !~ /^[ \t]*\/\//)
        complain(file ":" line ": the protocol layer has no clock and no randomness of its own")
      next
    }
    quoted = text ~ /include[ \t]*"/
    name = text; sub(/^[^"<]*["<]/, "", name); sub(/[">].*$/, "", name)
    target = quoted ? "src/" name : (name ~ /^mistral\// ? "include/" name : name)
    if (quoted && file ~ "^include/") complain(file ":" line ": a public header includes the internal \"" name "\"")
    if (quoted && name !~ "/") complain(file ":" line ": include internal headers as \"layer/name.hpp\", not \"" name "\"")
    includes[file] = includes[file] target "\n"
    where[file, target] = line
    if (target ~ "^(src|include)/") {
      to = layer_of(target)
      if (!((layer, to) in allowed) && !((layer, target) in exception))
        complain(file ":" line ": " layer " may not include " to " (" name ")")
    }
  }
  # Whether `file` reaches something that `pattern` forbids; the chain is left in `chain`.
  function reaches(file, pattern,   i, n, list) {
    if (file in seen) return 0
    seen[file] = 1
    n = split(includes[file], list, "\n")
    for (i = 1; i < n; i++)
      if (list[i] ~ pattern || reaches(list[i], pattern)) { chain = list[i] (chain == "" ? "" : " <- " chain); return 1 }
    return 0
  }
  END {
    for (file in files) {
      pattern = never[files[file]]
      if (pattern == "") continue
      split("", seen); chain = ""
      # Sources of the api layer may use what they like below them; the promise is about its public headers.
      if (files[file] ~ /^(api|bulk|face)$/ && file !~ "^include/") continue
      if (reaches(file, pattern)) complain(file ": " files[file] " must not reach this: " chain)
    }
    exit bad
  }'
