# Prints "part value" for each of a manifest's lines that begin with `word`.
$1 == "part" { part = $2; next }
$1 == word && part != "" { sub(/^[^ ]+ /, ""); print part, $0 }
