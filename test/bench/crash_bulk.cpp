// bulk_run is killed again and again, at steps that are drawn, and started again with
// the same command: is a job started twice or never, is an outcome lost or written
// twice? The last line it prints is JSON; it fails unless all is as it should be.
//   crash_bulk --kills 200 --jobs 2000
//   crash_bulk --kills 200 --jobs 2000 --shards 2
#include "bulk/bulk_jobs.hpp"
#include "bulk/bulk_server.hpp"
#include "bulk/crash_lives.hpp"
#include "bulk/crash_steps.hpp"
#include "soak/soak_process.hpp"

#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/bulk/outcome.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace json = boost::json;
namespace wf = mistral::workflows;
using bulk_bench::crash_tally;

const std::string batch = "crashing";

struct settings {
  settings() = default;

  bool serve = false;
  bulk_bench::server_settings server;
  int kills = 200;
  std::uint64_t jobs = 2000;
  std::uint64_t seed = std::random_device()();
  int shards = 1;
  bool keep = false;  ///< the folder, for who wants to look into it
};

settings read_command_line(int count, char** arguments) {
  settings made;
  for (int i = 1; i < count; ++i) {
    const std::string flag = arguments[i];
    if (flag == "--serve" || flag == "--keep") {
      (flag == "--serve" ? made.serve : made.keep) = true;
      continue;
    }
    if (++i == count) throw std::invalid_argument(flag);
    const std::string value = arguments[i];
    if (flag == "--kills")
      made.kills = std::stoi(value);
    else if (flag == "--jobs")
      made.jobs = std::stoull(value);
    else if (flag == "--seed")
      made.seed = std::stoull(value);
    else if (flag == "--shards")
      made.shards = std::stoi(value);
    else if (flag == "--port")
      made.server.port = static_cast<std::uint16_t>(std::stoi(value));
    else if (flag == "--ca-folder")
      made.server.ca_folder = value;
    else
      throw std::invalid_argument(flag);
  }
  return made;
}

class crash_run {
 public:
  explicit crash_run(const settings& wanted) : wanted_(wanted) {
    std::string name = (std::filesystem::temp_directory_path() / "crash-bulk-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder");
    folder_ = name;
    plan_.jobs = wanted.jobs;
    plan_.seed = wanted.seed;
    plan_.mean = std::chrono::milliseconds(15);
    plan_.failing = 0.03;
    plan_.terminated = 0.02;
    plan_.result_size = 40;
    server_ = std::make_unique<soak::server_process>(std::vector<std::string>(), wanted.seed, false);
    write_jobs();
  }
  ~crash_run() {
    std::error_code ignored;
    if (wanted_.keep)
      std::cout << "kept: " << folder_.string() << '\n';
    else
      std::filesystem::remove_all(folder_, ignored);
  }
  crash_run(const crash_run&) = delete;
  crash_run& operator=(const crash_run&) = delete;

  bool go() {
    std::cout << "seed " << wanted_.seed << ", " << wanted_.shards
              << (wanted_.shards == 1 ? " shard\n" : " shards\n");
    bulk_bench::shared_server shared(*server_);
    std::vector<std::future<crash_tally>> shards;
    for (int shard = 0; shard < wanted_.shards; ++shard)
      shards.push_back(
          std::async(std::launch::async, [this, &shared, shard] { return lives(shared, shard); }));
    bool ended_well = true;
    for (auto& one : shards) {
      const crash_tally found = one.get();
      add(found);
      // Some jobs fail, so that an outcome is not always of one kind.
      if (found.last_code != 0 && found.last_code != 1) {
        ended_well = false;
        std::cout << "FAILED: bulk_run ended with exit code " << found.last_code << '\n' << log_tail();
      }
    }
    return report() && ended_well;
  }

 private:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string of_shard(const char* what, int shard) const { return path(what + std::to_string(shard)); }

  void write_jobs() const {
    std::ofstream out(path("jobs"));
    for (std::uint64_t number = 0; number < plan_.jobs; ++number) {
      const wf::bulk_job job = plan_.job(number);
      json::object line;
      line["key"] = job.key;
      line["input"] = job.input;
      out << json::serialize(line) << '\n';
    }
    if (!out.flush()) throw std::runtime_error("cannot write the jobs");
  }

  crash_tally lives(bulk_bench::shared_server& shared, int shard) {
    std::vector<std::string> command{"job", path("jobs"), "--batch", batch, "--in-flight", "16"};
    const auto add_words = [&command](const char* flag, const std::string& value) {
      command.emplace_back(flag);
      command.push_back(value);
    };
    add_words("--server", server_->url());
    add_words("--ca", server_->ca_file());
    add_words("--journal", of_shard("journal", shard));
    add_words("--outcomes", of_shard("outcomes", shard));
    if (wanted_.shards > 1)
      add_words("--shard", std::to_string(shard) + '/' + std::to_string(wanted_.shards));
    const int kills = wanted_.kills / wanted_.shards + (shard < wanted_.kills % wanted_.shards ? 1 : 0);
    const auto jobs = plan_.jobs / static_cast<std::uint64_t>(wanted_.shards);
    const auto seed = wanted_.seed + static_cast<std::uint64_t>(shard);
    return bulk_bench::controller_lives(shared, command, path("log"), kills, jobs, seed).run();
  }

  void add(const crash_tally& one) {
    tally_.kills += one.kills;
    tally_.repeated += one.repeated;
    for (std::size_t step = 0; step < one.at.size(); ++step) tally_.at[step] += one.at[step];
  }

  std::string log_tail() const {
    std::ifstream in(path("log"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::string text;
    for (std::size_t at = lines.size() > 20 ? lines.size() - 20 : 0; at < lines.size(); ++at)
      text += lines[at] + '\n';
    return text;
  }

  /// How many lines each job has, in the files of all shards.
  std::map<std::string, int> outcome_lines() {
    std::map<std::string, int> found;
    for (int shard = 0; shard < wanted_.shards; ++shard) {
      std::ifstream in(of_shard("outcomes", shard));
      for (std::string line; std::getline(in, line);) {
        const wf::bulk_outcome outcome = wf::bulk_outcome_from_json(line);
        ++found[outcome.key];
        wrong_ += is_right(outcome) ? 0 : 1;
      }
    }
    return found;
  }

  bool is_right(const wf::bulk_outcome& outcome) const {
    const auto number = bulk_bench::number_of(outcome.key);
    if (!number) return false;
    switch (plan_.fate_of(*number)) {
      case bulk_bench::fate::completes:
        return outcome.status == wf::bulk_status::completed;
      case bulk_bench::fate::fails:
        return outcome.status == wf::bulk_status::failed;
      case bulk_bench::fate::is_terminated:
        return outcome.status == wf::bulk_status::terminated;
    }
    return false;
  }

  bool report() {
    const json::object starts = server_->ask("done");
    std::map<std::string, int> lines = outcome_lines();
    std::int64_t twice = 0, never = 0, lost = 0, written_twice = 0;
    for (std::uint64_t number = 0; number < plan_.jobs; ++number) {
      const std::string key = bulk_bench::key_of(number);
      const json::value* const times = starts.if_contains(wf::bulk_execution_id(batch, key));
      never += times ? 0 : 1;
      twice += times && times->as_int64() > 1 ? 1 : 0;
      const int written = lines[key];
      lost += written == 0 ? 1 : 0;
      written_twice += written > 1 ? 1 : 0;
    }
    const auto others =
        static_cast<std::int64_t>(starts.size()) + never - static_cast<std::int64_t>(plan_.jobs);
    for (std::size_t step = 0; step < tally_.at.size(); ++step)
      std::cout << "killed " << bulk_bench::crash_step_names[step] << ": " << tally_.at[step] << '\n';
    if (others != 0) std::cout << "FAILED: " << others << " executions that are no job's\n";
    if (wrong_ != 0) std::cout << "FAILED: " << wrong_ << " outcomes that are not those of their jobs\n";
    json::object out;
    out["kills"] = tally_.kills;
    out["jobs"] = plan_.jobs;
    out["started_twice"] = twice;
    out["not_started"] = never;
    out["outcomes_lost"] = lost;
    out["outcomes_twice"] = written_twice;
    out["repeated"] = tally_.repeated;
    std::cout << json::serialize(out) << std::endl;
    const bool whole =
        twice == 0 && never == 0 && lost == 0 && written_twice == 0 && wrong_ == 0 && others == 0;
    return whole && enough_kills() && tally_.repeated <= tally_.kills && every_step_was_hit();
  }

  /// By chance the jobs of a short run may be done before its last kill.
  bool enough_kills() const {
    if (tally_.kills == wanted_.kills || (wanted_.kills < 200 && tally_.kills * 2 >= wanted_.kills))
      return true;
    std::cout << "FAILED: " << tally_.kills << " of " << wanted_.kills << " kills only\n";
    return false;
  }

  /// Asked of a long run alone: a short one has not kills enough.
  bool every_step_was_hit() const {
    const int least = *std::min_element(tally_.at.begin(), tally_.at.end());
    if (wanted_.kills < 200 || least >= 5) return true;
    std::cout << "FAILED: a step was hit " << least << " times only\n";
    return false;
  }

  const settings wanted_;
  std::filesystem::path folder_;
  bulk_bench::job_plan plan_;
  std::unique_ptr<soak::server_process> server_;
  crash_tally tally_;
  std::int64_t wrong_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  try {
    // Its own words follow: --control STEP, then those of bulk_run.
    if (count > 3 && std::string_view(arguments[1]) == "--control")
      return bulk_bench::control(3, std::stol(arguments[2]), count - 2, arguments + 2);
    const settings wanted = read_command_line(count, arguments);
    if (wanted.serve) return bulk_bench::serve(wanted.server);
    return crash_run(wanted).go() ? 0 : 1;
  } catch (const std::exception& failure) {
    std::cerr << "crash_bulk: " << failure.what() << '\n';
    return 1;
  }
}
