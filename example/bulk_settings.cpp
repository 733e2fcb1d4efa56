#include "bulk_settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <system_error>

namespace bulk_run {

namespace wf = mistral::workflows;

const std::string_view usage =
    "usage: bulk_run WORKFLOW JOBS [options]\n"
    "Starts an execution of WORKFLOW for each line of the file JOBS ('-': standard input), each of the form\n"
    "  {\"key\": \"order-17\", \"input\": {\"any\": \"JSON\"}, \"deadline_ms\": 60000}\n"
    "(without a deadline if you like) and writes a line for what became of it. The same command again goes "
    "on\n"
    "where it was interrupted.\n"
    "  --batch NAME           with a job's key this makes its execution id; default: the name of JOBS\n"
    "  --outcomes FILE        where outcomes are added; default: NAME.outcomes.jsonl\n"
    "  --journal FILE         where the batch keeps its place; default: NAME.journal\n"
    "  --server local|real|URL  a server in this process (default), the API (MISTRAL_API_KEY), or one that "
    "runs\n"
    "  --ca FILE              the certificate to trust, of a server at a URL\n"
    "  --in-flight N          jobs that run at the same time; default 100\n"
    "  --unacknowledged N     outcomes that may come twice after a crash (the file has them once all the "
    "same);\n"
    "                         default 1, which syncs the disk for each; more is faster\n"
    "  --rate N               starts per second; default: as many as the server takes\n"
    "  --deadline SECONDS     of each job\n"
    "  --only-start           does not wait for what was started\n"
    "  --stop-after N         stops after so many failures\n"
    "  --stop-above P,M       stops when more than P per cent of at least M that have ended are failures\n"
    "  --when-stopping WHAT   of running jobs: drain (default), leave, cancel or terminate\n"
    "  --shard I/N            only part I (from 0) of N\n"
    "  --retry-failed         those that failed, again\n"
    "  --again                all of a finished batch, again\n"
    "  --report               starts nothing: the outcomes that the journal has (while the batch runs: to\n"
    "                         another file of outcomes)\n"
    "  --quota-code CODE      an error code that means that a quota is used up; may stand there several "
    "times\n"
    "  --no-wait              ends where the batch would pause\n"
    "Ctrl-C waits for what runs; a second one leaves it running.\n"
    "Exit code: 0 all done, 1 some failed (or it is not known whether they run: the same command asks\n"
    "again), 2 cannot be done so, 3 stopped by failures, 4 paused (with --no-wait), 5 interrupted.\n";

namespace {

[[noreturn]] void refuse(std::string_view flag, std::string_view value) {
  throw usage_error("not understood: " + std::string(flag) + ' ' + std::string(value));
}

template <class Number>
bool read_whole(std::string_view text, Number& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

template <class Number>
Number number(std::string_view flag, std::string_view text, Number least) {
  Number made{};
  if (!read_whole(text, made) || !(made >= least)) refuse(flag, text);
  return made;
}

/// "10,500"
wf::failure_limit share(std::string_view flag, std::string_view text) {
  const std::size_t middle = text.find(',');
  if (middle == std::string_view::npos) refuse(flag, text);
  const auto per_cent = number<double>(flag, text.substr(0, middle), 0);
  return wf::failure_limit::share(per_cent, number<std::uint64_t>(flag, text.substr(middle + 1), 1));
}

/// "0/2"
wf::bulk_shard shard(std::string_view flag, std::string_view text) {
  const std::size_t middle = text.find('/');
  if (middle == std::string_view::npos) refuse(flag, text);
  const auto index = number<std::uint32_t>(flag, text.substr(0, middle), 0);
  const auto count = number<std::uint32_t>(flag, text.substr(middle + 1), 1);
  if (index >= count) refuse(flag, text);
  return wf::bulk_shard(index, count);
}

wf::when_stopping stopping(std::string_view flag, std::string_view text) {
  for (const auto how : {wf::when_stopping::leave, wf::when_stopping::drain, wf::when_stopping::cancel,
                         wf::when_stopping::terminate})
    if (text == wf::to_string(how)) return how;
  refuse(flag, text);
}

using take_value = std::function<void(settings&, std::string_view flag, std::string_view value)>;

const std::map<std::string_view, take_value>& flags_with_value() {
  static const std::map<std::string_view, take_value> all = {
      {"--batch", [](settings& made, std::string_view, std::string_view value) { made.batch = value; }},
      {"--outcomes", [](settings& made, std::string_view, std::string_view value) { made.outcomes = value; }},
      {"--journal", [](settings& made, std::string_view, std::string_view value) { made.journal = value; }},
      {"--server", [](settings& made, std::string_view, std::string_view value) { made.server = value; }},
      {"--ca", [](settings& made, std::string_view, std::string_view value) { made.ca_file = value; }},
      {"--quota-code", [](settings& made, std::string_view,
                          std::string_view value) { made.quota_codes.emplace_back(value); }},
      {"--in-flight",
       [](settings& made, std::string_view flag, std::string_view value) {
         made.most_in_flight = number<std::size_t>(flag, value, 1);
       }},
      {"--unacknowledged",
       [](settings& made, std::string_view flag, std::string_view value) {
         made.most_unacknowledged = number<std::size_t>(flag, value, 1);
       }},
      {"--rate", [](settings& made, std::string_view flag,
                    std::string_view value) { made.starts_per_second = number<double>(flag, value, 0); }},
      {"--deadline",
       [](settings& made, std::string_view flag, std::string_view value) {
         const auto seconds = number<double>(flag, value, 0.001);
         made.deadline = std::chrono::milliseconds(std::llround(std::min(seconds, 1e8) * 1e3));
       }},
      {"--stop-after",
       [](settings& made, std::string_view flag, std::string_view value) {
         made.limit = wf::failure_limit::after(number<std::uint64_t>(flag, value, 1));
       }},
      {"--stop-above", [](settings& made, std::string_view flag,
                          std::string_view value) { made.limit = share(flag, value); }},
      {"--when-stopping", [](settings& made, std::string_view flag,
                             std::string_view value) { made.stopping = stopping(flag, value); }},
      {"--shard", [](settings& made, std::string_view flag,
                     std::string_view value) { made.shard = shard(flag, value); }},
  };
  return all;
}

bool take_plain(settings& made, std::string_view flag) {
  if (flag == "--help")
    made.help = true;
  else if (flag == "--only-start")
    made.only_start = true;
  else if (flag == "--retry-failed")
    made.begin = wf::bulk_begin::retry_failed;
  else if (flag == "--again")
    made.begin = wf::bulk_begin::new_generation;
  else if (flag == "--report")
    made.begin = wf::bulk_begin::report;
  else if (flag == "--no-wait")
    made.no_wait = true;
  else
    return false;
  return true;
}

bool is_same(const std::filesystem::path& one, const std::filesystem::path& other) {
  std::error_code ignored;
  return one.lexically_normal() == other.lexically_normal() ||
         std::filesystem::equivalent(one, other, ignored);
}

void fill_in(settings& made, const std::vector<std::string>& words) {
  if (words.size() != 2) throw usage_error("a workflow and a file of jobs are needed");
  made.workflow = words[0];
  made.jobs = words[1];
  if (made.workflow.empty()) throw usage_error("the workflow has no name");
  if (made.batch.empty() && made.jobs != "-") made.batch = std::filesystem::path(made.jobs).stem().string();
  if (made.batch.empty()) throw usage_error("the batch has no name: --batch NAME");
  std::string name = wf::bulk_slug(made.batch);
  if (made.shard.count() > 1)
    name += "-" + std::to_string(made.shard.index()) + "-of-" + std::to_string(made.shard.count());
  if (made.outcomes.empty()) made.outcomes = name + ".outcomes.jsonl";
  if (made.journal.empty()) made.journal = name + ".journal";
  for (const auto& [one, other] :
       {std::pair(made.outcomes, std::filesystem::path(made.jobs)),
        std::pair(made.journal, std::filesystem::path(made.jobs)), std::pair(made.outcomes, made.journal)})
    if (is_same(one, other))
      throw usage_error(one.string() + " is named twice: jobs, outcomes and journal are three files");
}

}  // namespace

settings read_command_line(int count, char** arguments) {
  settings made;
  std::vector<std::string> words;
  bool batch_given = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view flag = arguments[i];
    if (take_plain(made, flag)) continue;
    if (!flag.starts_with("--")) {
      words.emplace_back(flag);
      continue;
    }
    const auto taker = flags_with_value().find(flag);
    if (taker == flags_with_value().end()) throw usage_error("not understood: " + std::string(flag));
    if (++i == count) throw usage_error("a value is missing: " + std::string(flag));
    taker->second(made, flag, arguments[i]);
    batch_given = batch_given || flag == "--batch";
  }
  if (made.help) return made;
  if (batch_given && made.batch.empty()) throw usage_error("the batch's name is empty");
  fill_in(made, words);
  return made;
}

}  // namespace bulk_run
