# What layers.sh complains about, from the table of rooms (-v rooms=FILE) and lines of KIND:FILE:LINE:TEXT: each source, each line
# with an include, each line with a clock or dice of its own. Not the looking for these lines: that is layers.sh.

function complain(text) { print text; bad = 1 }
function wrong(text) { complain("the table of rooms: " text) }

BEGIN {
  while ((getline line < rooms) > 0) {
    sub(/#.*/, "", line)
    n = split(line, words, " ")
    if (n == 0) continue
    if (words[1] == "public") {
      for (i = 3; i <= n; i++) {
        if (words[i] in room_of_header) wrong("the public header " words[i] " is of two rooms")
        room_of_header[words[i]] = words[2]
      }
      continue
    }
    if (words[1] == "never") {
      for (i = 4; i <= n; i++) { bound[++rules] = words[i]; how[rules] = words[2]; pattern[rules] = words[3] }
      continue
    }
    first = words[1] == "to-come" ? 2 : 1
    from = words[first]
    if (first == 2) to_come[from] = 1
    if (from in row && from != previous) wrong("the rows of " from " stand apart")
    previous = beside = from
    if (!sub(/[^\/]*$/, "", beside)) beside = ""
    row[from] = row[from] ""
    for (i = first + 1; i <= n; i++) {
      to = words[i]
      if (to ~ /^\.\//) to = beside substr(to, 3)
      if (!(to in row) || to == from) wrong(from " names " to ", which does not stand above it")
      if ((from, to) in allowed) wrong(from " names " to " twice")
      if (to in to_come && !(from in to_come)) wrong(from " names " to ", which is to come")
      allowed[from, to] = 1
      row[from] = row[from] (row[from] == "" ? "" : " ") words[i]
    }
  }
  plain = "^#include (<[^<>\"]+>|\"[^<>\"]+\")([ \t]*(//.*|/\\*[^*]*\\*/[ \t]*))?$"
}

# How the table names a public header or the folder that it is in.
function public_name(file) {
  if (!sub(/^include\/mistral\/workflows\//, "", file)) return ""
  if (!sub(/\/[^\/]*$/, "/", file)) sub(/\.hpp$/, "", file)
  return file
}

# The folder below src, or what the table says of a public header.
function room_of(file,   name) {
  if (file == "include/mistral/workflows.hpp") return "api"
  name = public_name(file)
  if (name != "") return name in room_of_header ? room_of_header[name] : name ~ /\/$/ ? name : "face"
  sub(/^src\//, "", file)
  return sub(/\/[^\/]*$/, "", file) ? file : ""
}

{
  split($0, parts, ":")
  kind = parts[1]; file = parts[2]; line = parts[3]; place = file ":" line ": "
  text = substr($0, length(kind ":" file ":" line ":") + 1)
  room = room_of(file)
}

kind == "source" {
  if (!(room in row)) complain(file ": its folder is no room of the table")
  files[file] = room
  lives[room] = there[public_name(file)] = 1
  if (file ~ /^src\//) door[room] = "src/" room "/README.md"
}

kind == "own" { complain(place "the rules have no clock, no randomness and no surroundings of their own") }

kind == "include" {
  name = text; sub(/^[^"<]*["<]/, "", name); sub(/[">].*$/, "", name)
  if (text !~ plain || ("/" name) ~ /\/\.?\.?\//) { complain(place "write an include plainly: " text); next }
  quoted = text ~ /^#include "/
  target = quoted ? (file ~ /^example\// ? "example/" : "src/") name : (name ~ /^mistral\// ? "include/" name : name)
  if (quoted && file ~ "^include/") complain(place "a public header includes the internal \"" name "\"")
  if (!quoted && name ~ "^(src|include|test|example|base|protocol|net|session|api|bulk|journal|testing)/.*[.][hc]pp$")
    complain(place "include internal headers in quotes: <" name ">")
  if (quoted && name !~ "/" && file !~ /^example\//)
    complain(place "include internal headers as \"room/name.hpp\", not \"" name "\"")
  includes[file] = includes[file] target "\n"
  if (target !~ "^(src|include|example)/") next
  to = room_of(target)
  if (!(target in files)) complain(place "there is no " target)
  else if (to != room && !((room, to) in allowed)) complain(place room " may not include " to " (" name ")")
}

# A title, and one paragraph that begins with the row, as in "May include: `base`, `./common`.", and a full stop.
function check_door(door, room,   text, title, said, should) {
  should = row[room]
  gsub(/ /, "`, `", should)
  should = "May include: " (should == "" ? "nothing" : "`" should "`") "."
  RS = ""
  while ((getline text < door) > 0) {
    gsub(/[ \n]+/, " ", text)
    if (title == "") title = text
    if (!(n = gsub(/May include/, "&", text))) continue
    said += n
    if (index(text " ", should " ") != 1) complain(door ": it says \"" text "\", its row \"" should "\"")
  }
  close(door)
  if (said != 1) complain(door ": \"May include\" stands there " (said + 0) " times, not once")
  if (index(title, "# " room ": ") != 1) complain(door ": its title is not \"# " room ": ...\"")
}

# Whether `file` includes something that `pattern` forbids (`deep`: through others too); the chain is left in `chain`.
function reaches(file, pattern, deep,   i, n, list) {
  if (file in seen) return 0
  seen[file] = 1
  n = split(includes[file], list, "\n")
  for (i = 1; i < n; i++)
    if (list[i] ~ pattern || (deep && reaches(list[i], pattern, 1))) {
      chain = list[i] (chain == "" ? "" : " <- " chain)
      return 1
    }
  return 0
}

END {
  for (i = 1; i <= rules; i++) {
    if (how[i] !~ /^(reach|include|publish)$/) wrong("never " how[i] "?")
    found = 0
    for (room in row) found += index(room "/", bound[i] "/") == 1
    if (!found) wrong("never: there is no room " bound[i])
    for (file in files) {
      if (index(files[file] "/", bound[i] "/") != 1 || (how[i] == "publish" && file !~ /^include\//)) continue
      split("", seen); chain = ""
      if (reaches(file, pattern[i], how[i] != "include")) complain(file ": " bound[i] " must not reach this: " chain)
    }
  }
  for (name in room_of_header) {
    room = room_of_header[name]
    if (!(room in row)) wrong("the public header " name " is of " room ", which is no room")
    else if (!(name in there) && !(room in to_come)) wrong("there is no public header " name)
  }
  for (room in row) {
    if (!(room in lives) && !(room in to_come)) wrong(room " does not exist (a room that will: to-come)")
    if (room in lives && room in to_come) wrong(room " exists, it is not to-come")
    if (room in door) check_door(door[room], room)
  }
  exit bad
}
