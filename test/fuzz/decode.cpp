// Every decoder of the model: the first byte chooses the type, the rest is
// the document. What decodes must encode, and decode again to an equal value.
#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"
#include "protocol/json/model/describe_all.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {
namespace {

using fuzzed_types = boost::mp11::mp_push_front<described_types, boost::json::value, execute_answer>;

// An event that did not fit may fit when it comes back: integers beyond 64 bits come back as text.
template <class T>
constexpr bool settles_at_once =
    !std::is_same_v<T, workflow_event> && !std::is_same_v<T, event_page> && !std::is_same_v<T, stream_event>;

template <class T>
T again(const T& value, nulls mode) {
  T read;
  if (decode(encode(value, mode), read)) std::abort();
  return read;
}

template <class T>
void check(std::string_view text) {
  T first;
  if (decode(text, first)) return;
  for (const nulls mode : {nulls::omit, nulls::write}) {
    const T second = again(first, mode);
    if (settles_at_once<T> && !(first == second)) std::abort();
    const T third = again(second, mode);
    if (!(second == third) || encode(second, mode) != encode(third, mode)) std::abort();
  }
}

}  // namespace
}  // namespace mistral::workflows::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mistral::workflows::protocol;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  boost::mp11::mp_with_index<boost::mp11::mp_size<fuzzed_types>::value>(
      data[0] % boost::mp11::mp_size<fuzzed_types>::value,
      [&](auto index) { check<boost::mp11::mp_at_c<fuzzed_types, index>>(text); });
  return 0;
}
