// The bodies of decode and encode, for the codec_*.cpp files that instantiate them.
// Not for anyone else: a caller includes decode.hpp and encode.hpp and links.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <memory>
#include <new>

namespace mistral::workflows::protocol {

template <class T>
std::optional<decode_problem> decode(std::string_view text, T& out, decode_limits limits) {
  std::destroy_at(&out);
  ::new (static_cast<void*>(&out)) T;  // T() would fill all of it with zeros before it is constructed
  return read_document(text, table_of<T>, &out, limits);
}

template <class T>
void encode_to(std::string& out, const T& value, nulls empty) {
  writer w(out, empty);
  codec<T>::write(w, value);
}

template <class T>
std::string encode(const T& value, nulls empty) {
  std::string made;
  encode_to(made, value, empty);
  return made;
}

}  // namespace mistral::workflows::protocol

/// Defines decode and encode of one type; stands in namespace mistral::workflows::protocol.
#define MISTRAL_WORKFLOWS_INSTANTIATE_CODEC(T)                                                          \
  template MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<decode_problem> decode(std::string_view, T&, \
                                                                                  decode_limits);       \
  template MISTRAL_WORKFLOWS_INTERNAL_EXPORT void encode_to(std::string&, const T&, nulls);             \
  template MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string encode(const T&, nulls);

/// Defines all that a described struct needs; stands in namespace mistral::workflows.
#define MISTRAL_WORKFLOWS_DEFINE_MODEL(T)                                   \
  bool operator==(const T& a, const T& b) { return protocol::equal(a, b); } \
  namespace protocol {                                                      \
  MISTRAL_WORKFLOWS_INSTANTIATE_CODEC(T)                                    \
  }
