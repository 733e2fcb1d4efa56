# Reads markdown files twice (links.sh): first for the anchors of their headings, then for their links, and prints each link that
# leads nowhere. A link is `[text](target)` outside of code, also over several lines; a target with a scheme is not looked at.

# The anchor that a heading has on GitHub.
function slug(text) {
  gsub(/`/, "", text)
  text = tolower(text)
  gsub(/\[|\]\([^)]*\)/, "", text)
  gsub(/[^a-z0-9 _-]/, "", text)
  gsub(/ /, "-", text)
  return text
}

# A path without "." and "..".
function plain(path,   parts, n, i, m, kept, out) {
  n = split(path, parts, "/")
  m = 0
  for (i = 1; i <= n; i++) {
    if (parts[i] == "" || parts[i] == ".") continue
    if (parts[i] == ".." && m > 0) m--
    else kept[++m] = parts[i]
  }
  out = ""
  for (i = 1; i <= m; i++) out = out (i > 1 ? "/" : "") kept[i]
  return out
}

function resolve(file, target,   path, anchor, folder) {
  if (target ~ /^[a-z]+:/) return
  links++
  anchor = ""
  path = target
  if (match(target, /#/)) {
    anchor = substr(target, RSTART + 1)
    path = substr(target, 1, RSTART - 1)
  }
  folder = file
  if (folder ~ /\//) sub(/\/[^\/]*$/, "", folder)
  else folder = ""
  path = path == "" ? file : plain(folder "/" path)
  if (!(path in there)) {
    print file ": " target " is not there"
    bad++
  } else if (anchor != "" && !((path, anchor) in anchors)) {
    print file ": " target ": " path " has no such heading"
    bad++
  }
}

function links_of(file, text,   target) {
  gsub(/`[^`]*`/, "", text)
  while (match(text, /\]\([^() ]*\)/)) {
    target = substr(text, RSTART + 2, RLENGTH - 3)
    text = substr(text, RSTART + RLENGTH)
    resolve(file, target)
  }
}

# The list of all files and folders comes first.
FILENAME == listing { there[$0] = 1; next }
FNR == 1 {
  if (reading) links_of(before, text)
  reading = FILENAME in read
  read[FILENAME] = 1
  before = FILENAME
  text = ""
  code = 0
}
/^ *```/ { code = !code; next }
code { next }
!reading && /^#+ / {
  heading = $0
  sub(/^#+ +/, "", heading)
  heading = slug(heading)
  if ((FILENAME, heading) in anchors) heading = heading "-" ++again[FILENAME, heading]
  anchors[FILENAME, heading] = 1
}
reading { text = text "\n" $0 }
END {
  if (reading) links_of(before, text)
  print "links that resolve: " (links - bad) " of " links
  exit bad > 0
}
