// What events carry: a whole JSON value, or a patch to the one before.
// Not the encryption or compression of either: an encoded payload is here as it came.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/open_enum.hpp>

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mistral::workflows {

/// What was done to a payload before it was sent; undone in reverse order.
enum class payload_encoding { unknown, offloaded, encrypted, encrypted_partial, compressed };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 4> wire_names(payload_encoding) {
  return {"offloaded", "encrypted", "encrypted-partial", "compressed"};
}

/// A whole value: a snapshot of a state, an input or a result.
struct MISTRAL_WORKFLOWS_EXPORT json_payload {
  json_payload() = default;

  std::string type = "json";  ///< "json"
  boost::json::value value;   ///< base64 text where `encoding_options` names an encryption

  /// What was done to the value before it was sent; null: nothing.
  std::optional<std::vector<open_enum<payload_encoding>>> encoding_options;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const json_payload&, const json_payload&);
};

/// What one step of a patch does. `append` adds text to the end of a string; it is not in RFC 6902.
enum class patch_op { unknown, add, append, replace, remove };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 4> wire_names(patch_op) {
  return {"add", "append", "replace", "remove"};
}

/// A text that only the workspace can read, in the place of the text that a step appends.
struct MISTRAL_WORKFLOWS_EXPORT encrypted_patch_value {
  encrypted_patch_value() = default;

  std::string type = "__encrypted__";  ///< marks the object for what it is
  std::string value;                   ///< base64

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const encrypted_patch_value&, const encrypted_patch_value&);
};

/// One step of a JSON patch.
struct MISTRAL_WORKFLOWS_EXPORT json_patch_step {
  json_patch_step() = default;

  open_enum<patch_op> op;    ///< what the step does
  std::string path;          ///< a JSON pointer
  boost::json::value value;  ///< any JSON; of `append`: a string, or the object of an `encrypted_patch_value`

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const json_patch_step&, const json_patch_step&);
};

/// Changes to the state that the payloads before it made; see `apply_patch`.
struct MISTRAL_WORKFLOWS_EXPORT json_patch_payload {
  json_patch_payload() = default;

  std::string type = "json_patch";  ///< "json_patch"

  /// Text where the patch as a whole is encoded.
  std::variant<std::vector<json_patch_step>, std::string> value;

  /// What was done to the value before it was sent; null: nothing.
  std::optional<std::vector<open_enum<payload_encoding>>> encoding_options;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const json_patch_payload&, const json_patch_payload&);
};

/// What a task in progress reports; told apart by `type`.
using progress_payload = std::variant<json_payload, json_patch_payload>;

}  // namespace mistral::workflows
