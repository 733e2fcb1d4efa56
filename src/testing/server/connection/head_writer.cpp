#include "testing/server/connection/connection.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

namespace mistral::workflows::testing {
namespace {

std::string new_request_id() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::array<char, 40> text{};
  const std::uint64_t high = random();
  const std::uint64_t low = random();
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(low >> 48 & 0xfff),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return text.data();
}

}  // namespace

// The C locale's names, whatever locale the process has.
std::string http_date(clock::time_point time) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text.data();
}

head_writer::head_writer(int status, core& server) {
  text_ = "HTTP/1.1 " + std::to_string(status) + ' ' + std::string(reason_phrase(status)) + "\r\n";
  add("Date", http_date(server.time->now()));
  add("Server", "local-workflows");
  add("x-request-id", new_request_id());
}

void head_writer::add(std::string_view name, std::string_view value) {
  text_ += name;
  text_ += ": ";
  text_ += value;
  text_ += "\r\n";
}

std::string head_writer::finish() { return text_ + "\r\n"; }

}  // namespace mistral::workflows::testing
