#!/usr/bin/env bash
# doxygen.sh ROOT FOLDER: runs Doxygen over the public headers, its configuration and output in FOLDER, and fails on each warning:
# a public member without a comment, a comment that does not fit what it is about. Members that need none: default, copy and move
# constructors, assignments, destructors, and comparisons that compare all members. Prints how much is documented.
set -euo pipefail
root=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
warnings=$folder/warnings
rm -f "$warnings"

cat >"$folder/Doxyfile" <<EOF
PROJECT_NAME = mistral_workflows
INPUT = "$root/include"
RECURSIVE = YES
FILE_PATTERNS = *.hpp
STRIP_FROM_PATH = "$root"
STRIP_FROM_INC_PATH = "$root/include"
OUTPUT_DIRECTORY = "$folder"
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
QUIET = YES
JAVADOC_AUTOBRIEF = YES
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = MISTRAL_WORKFLOWS_EXPORT= MISTRAL_WORKFLOWS_INTERNAL_EXPORT=
EXTRACT_ALL = NO
WARN_IF_UNDOCUMENTED = YES
WARN_IF_DOC_ERROR = YES
WARN_NO_PARAMDOC = NO
WARN_LOGFILE = "$warnings"
EOF
doxygen "$folder/Doxyfile" >/dev/null 2>"$folder/errors" || { cat "$folder/errors"; exit 1; }

# What needs no comment, and what Doxygen 1.9 says of specialisations in another namespace.
undocumented='is not documented\.$'
name='[a-z_0-9]+'
exempt=" ($name)\(\)( noexcept)? \(function\) of (class|struct) [A-Za-z_0-9:<> ]*\b\1 $undocumented"
exempt+="|Member ($name)\((const )?\4 ?&&?[a-z_]*\)( noexcept)?(=default)? \(function\).* $undocumented"
exempt+="|Member (~[a-z_0-9]+|operator=|operator==)\(.* $undocumented"
exempt+='|Internal inconsistency: scope for class boost::'
left=$(grep -vE "$exempt" "$warnings" | sed "s,^$root/,," || true)

# Of the XML: members that are public or of a namespace, and those of them that have a comment.
awk '
  /<memberdef / { counted = /prot="public"/ && /kind="(function|variable|typedef|enum)"/; name = ""; text = 0 }
  /<name>/ && counted && name == "" { name = $0; gsub(/.*<name>|<\/name>.*/, "", name) }
  /<(brief|detailed)description>/ { inside = 1 }
  inside && /<para>/ { text = 1 }
  /<\/(brief|detailed)description>/ { inside = 0 }
  /<\/memberdef>/ && counted { all++; documented += text }
  END { printf "documented: %d of %d public members, with those that need no comment\n", documented, all }
' "$folder"/xml/*.xml

[ -z "$left" ] || { echo "$left"; exit 1; }
