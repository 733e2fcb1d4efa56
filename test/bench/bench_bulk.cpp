// Many jobs through wf::bulk against a server in another process, and the same jobs by
// coroutines that execute and poll: time, requests, memory, CPU. The last line it prints is
// JSON; it fails if a job was started twice, lost, or has another outcome than it was to have.
//   bench_bulk --jobs 100000              without a journal
//   bench_bulk --jobs 100000 --journal    with one
#include "bulk/bulk_clients.hpp"
#include "bulk/bulk_server.hpp"
#include "child.hpp"
#include "soak/soak_process.hpp"
#include "soak/soak_settings.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;

struct settings {
  settings() = default;

  std::string role;  // empty: the comparison itself; "serve"; "bulk" or "plain": a client
  bulk_bench::client_settings client;
  bulk_bench::server_settings server;
  int foreign = 10;
  int pairs = 1;
  bool journal = false;
};

double number(std::string_view flag, const std::string& text) {
  std::size_t used = 0;
  const double value = std::stod(text, &used);
  if (used != text.size() || !(value >= 0)) throw std::invalid_argument(std::string(flag) + ' ' + text);
  return value;
}

settings read_command_line(int count, char** arguments) {
  settings made;
  for (int i = 1; i < count; ++i) {
    const std::string flag = arguments[i];
    if (flag == "--serve" || flag == "--journal") {
      if (flag == "--serve") made.role = "serve";
      if (flag == "--journal") made.journal = true;
      continue;
    }
    if (++i == count) throw std::invalid_argument(flag);
    const std::string value = arguments[i];
    if (flag == "--client")
      made.role = value;
    else if (flag == "--url")
      made.client.url = value;
    else if (flag == "--ca")
      made.client.ca_file = value;
    else if (flag == "--journal-file")
      made.client.journal = value;
    else if (flag == "--ca-folder")
      made.server.ca_folder = value;
    else if (flag == "--port")
      made.server.port = static_cast<std::uint16_t>(number(flag, value));
    else if (flag == "--jobs")
      made.client.plan.jobs = static_cast<std::uint64_t>(number(flag, value));
    else if (flag == "--seed")
      made.client.plan.seed = static_cast<std::uint64_t>(number(flag, value));
    else if (flag == "--mean-ms")
      made.client.plan.mean = std::chrono::milliseconds(std::llround(number(flag, value)));
    else if (flag == "--in-flight")
      made.client.in_flight = static_cast<std::size_t>(number(flag, value));
    else if (flag == "--foreign")
      made.foreign = static_cast<int>(number(flag, value));
    else if (flag == "--pairs")
      made.pairs = static_cast<int>(number(flag, value));
    else
      throw std::invalid_argument(flag);
  }
  return made;
}

/// A file that is gone with this.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bench-bulk-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder");
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// As JSON, with numbers that people read: Boost.JSON writes 1.5E0.
std::string text_of(const json::value& value) {
  if (value.is_double()) {
    char text[64];
    std::snprintf(text, sizeof text, "%.3f", value.as_double());
    return text;
  }
  if (!value.is_object()) return json::serialize(value);
  std::string text;
  for (const auto& [name, member] : value.as_object())
    text += (text.empty() ? "\"" : ",\"") + std::string(name) + "\":" + text_of(member);
  return '{' + text + '}';
}

double per(double what, double count) { return count > 0 ? what / count : 0; }

/// A fresh server and a fresh client: what both have to say.
json::object measure(const settings& wanted, const std::string& role) {
  const auto& plan = wanted.client.plan;
  std::vector<std::string> for_server;
  // Who polls follows no events.
  if (role == "bulk") for_server = {"--foreign", std::to_string(wanted.foreign)};
  if (role == "plain") for_server = {"--foreign", "0"};
  soak::server_process server(for_server, plan.seed, false);
  const scratch_folder folder;
  std::vector<std::string> command{"/proc/self/exe", "--client",      role, "--url", server.url(),
                                   "--ca",           server.ca_file()};
  const auto add = [&command](const char* flag, const std::string& value) {
    command.emplace_back(flag);
    command.push_back(value);
  };
  add("--jobs", std::to_string(plan.jobs));
  add("--seed", std::to_string(plan.seed));
  add("--mean-ms", std::to_string(plan.mean.count()));
  add("--in-flight", std::to_string(wanted.client.in_flight));
  if (role == "bulk" && wanted.journal) add("--journal-file", folder.file("journal"));
  const bench::outcome ended = bench::run_on_core(0, command);
  json::object out = json::parse(ended.output).as_object();
  const json::object seen = server.counts();
  const auto jobs = static_cast<double>(plan.jobs);
  const auto outcomes = out.at("outcomes").to_number<std::int64_t>();
  const auto ids = seen.at("ids").as_int64();
  json::object made;
  made["jobs"] = plan.jobs;
  made["started"] = ids;
  made["duplicates"] = seen.at("started_twice");
  made["lost"] = static_cast<std::int64_t>(plan.jobs) - std::min(ids, outcomes);
  made["wrong"] = out.at("wrong");
  made["seconds"] = out.at("seconds");
  made["jobs_per_second"] = per(jobs, out.at("seconds").to_number<double>());
  made["requests_per_job"] = per(seen.at("requests").to_number<double>(), jobs);
  made["max_rss_mb"] = out.at("max_rss_mb");
  made["client_cpu_seconds"] = ended.cpu_seconds;
  std::cout << role << " requests " << json::serialize(seen.at("by_operation")) << ", events on streams "
            << seen.at("stream_events") << '\n';
  return made;
}

bool is_whole(const json::object& found) {
  return found.at("duplicates").as_int64() == 0 && found.at("lost").as_int64() == 0 &&
         found.at("wrong").to_number<std::int64_t>() == 0;
}

int compare(const settings& wanted) {
  const auto& plan = wanted.client.plan;
  std::cout << "seed " << plan.seed << ", durations exponential with mean " << plan.mean.count() << " ms, "
            << wanted.client.in_flight << " in flight\n";
  bool whole = true;
  std::vector<std::pair<double, json::object>> found;
  for (int pair = 0; pair < std::max(1, wanted.pairs); ++pair) {
    json::object bulk = measure(wanted, "bulk");
    json::object plain = measure(wanted, "plain");
    whole = whole && is_whole(bulk) && is_whole(plain);
    const double ratio =
        per(plain.at("client_cpu_seconds").as_double(), bulk.at("client_cpu_seconds").as_double());
    bulk["journal"] = wanted.journal;
    bulk["plain"] = std::move(plain);
    bulk["cpu_ratio"] = ratio;
    std::cout << "pair " << pair + 1 << ": " << ratio << '\n';
    found.emplace_back(ratio, std::move(bulk));
  }
  const auto by_ratio = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto middle = found.begin() + static_cast<std::ptrdiff_t>(found.size() / 2);
  std::nth_element(found.begin(), middle, found.end(), by_ratio);
  std::cout << text_of(middle->second) << std::endl;
  return whole ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    settings wanted = read_command_line(count, arguments);
    soak::allow_files(1024);
    if (wanted.role == "serve") {
      soak::stay_on_core(1);
      wanted.server.foreign_events = wanted.foreign;
      return bulk_bench::serve(wanted.server);
    }
    if (wanted.role == "bulk" || wanted.role == "plain") {
      std::cout << json::serialize(wanted.role == "bulk" ? bulk_bench::run_bulk(wanted.client)
                                                         : bulk_bench::run_plain(wanted.client));
      return 0;
    }
    return compare(wanted);
  } catch (const std::exception& failure) {
    std::cerr << "bench_bulk: " << failure.what() << '\n';
    return 1;
  }
}
