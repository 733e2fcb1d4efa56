// Writes compact JSON text.
// Not aware of any type of the model: see codec.hpp for containers and describe.hpp for structs.
#pragma once

#include "protocol/json/encode.hpp"

#include <boost/json/value.hpp>

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// The shortest text that reads back as the same double,
/// and as a double (`3.0`); null for what JSON cannot say.
void write_double(std::string& out, double value);
void write_string(std::string& out, std::string_view text);
void write_json(std::string& out, const boost::json::value& value);

struct writer {
  writer(std::string& text, nulls mode) : out(text), write_nulls(mode == nulls::write) {}

  std::string& out;
  bool write_nulls;

  template <std::integral Integer>
  void integer(Integer value) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
  }
};

}  // namespace mistral::workflows::protocol
