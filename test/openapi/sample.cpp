#include "openapi/sample.hpp"

#include <chrono>
#include <cstdio>

namespace openapi::sample {
namespace {

unsigned hash(std::string_view name) {
  unsigned out = 2166136261u;
  for (const char c : name) out = (out ^ static_cast<unsigned char>(c)) * 16777619u;
  return out;
}

}  // namespace

std::string text(std::string_view name, int number) {
  return std::string(name) + std::to_string(number) + ": a/b c?d#e&f=g+h,\xC3\xA9%20\"";
}

std::string plain(std::string_view name) { return std::string(name) + "-1"; }

std::vector<std::string> texts(std::string_view name) { return {text(name, 0), text(name, 1)}; }

int number(std::string_view name) { return 1 + static_cast<int>(hash(name) % 50); }

mistral::workflows::timestamp time(std::string_view name) {
  using namespace std::chrono;
  return mistral::workflows::timestamp(sys_days(year(2026) / 1 / 2)) + seconds(hash(name) % 86'400) +
         microseconds(number(name));
}

std::string time_text(std::string_view name) {
  const unsigned second = hash(name) % 86'400;
  char out[40];
  std::snprintf(out, sizeof out, "2026-01-02T%02u:%02u:%02u.%06dZ", second / 3600, second / 60 % 60,
                second % 60, number(name));
  return out;
}

std::string uuid(std::string_view name) {
  char out[40];
  std::snprintf(out, sizeof out, "%08x-0000-4000-8000-000000000000", hash(name));
  return out;
}

boost::json::object object(std::string_view name) {
  boost::json::object out;
  out["for"] = text(name);
  return out;
}

}  // namespace openapi::sample
