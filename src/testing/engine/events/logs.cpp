#include "testing/engine/core/logs.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/traces/trace_ids.hpp"
#include "testing/engine/views/listing.hpp"
#include "testing/engine/views/views.hpp"

#include <algorithm>
#include <array>

namespace mistral::workflows::testing {
namespace {

/// Sequences of the lines that may fit, in order: of one execution, or all.
class candidates {
 public:
  candidates(const store& from, const log_filter& filter) : last_(from.last_log()) {
    if (!filter.execution_id) return;
    const auto* execution = from.find_execution(*filter.execution_id);
    own_ = execution ? &execution->logs() : &none_;
  }

  std::size_t size() const { return own_ ? own_->size() : static_cast<std::size_t>(last_); }
  std::int64_t operator[](std::size_t index) const {
    return own_ ? (*own_)[index] : static_cast<std::int64_t>(index) + 1;
  }
  /// How many are not after that sequence.
  std::size_t up_to(std::int64_t sequence) const {
    if (!own_) return static_cast<std::size_t>(std::clamp<std::int64_t>(sequence, 0, last_));
    return static_cast<std::size_t>(std::upper_bound(own_->begin(), own_->end(), sequence) - own_->begin());
  }

 private:
  std::int64_t last_;
  const std::vector<std::int64_t>* own_ = nullptr;
  std::vector<std::int64_t> none_;
};

/// "17.a.1700.": after line 17, ascending, from the instant 1700, without an end.
std::string make_cursor(std::int64_t last, const log_page_request& request) {
  auto text = [](const std::optional<clock::time_point>& time) {
    return time ? std::to_string(to_nanoseconds(*time)) : std::string();
  };
  return std::to_string(last) + (request.descending ? ".d." : ".a.") + text(request.filter.after) + '.' +
         text(request.filter.before);
}

std::optional<clock::time_point> instant_in(std::string_view part) {
  if (part.empty()) return std::nullopt;
  return from_nanoseconds(number_in_token(part));
}

/// Takes what a cursor remembers into the request; answers the line it stands at.
std::int64_t read_cursor(std::string_view cursor, log_page_request& request) {
  std::array<std::string_view, 4> parts;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    auto end = cursor.find('.');
    if ((end == std::string_view::npos) != (index + 1 == parts.size())) refuse_invalid("Unknown cursor");
    parts[index] = cursor.substr(0, end);
    cursor.remove_prefix(end == std::string_view::npos ? cursor.size() : end + 1);
  }
  if (parts[1] != "a" && parts[1] != "d") refuse_invalid("Unknown cursor");
  request.descending = parts[1] == "d";
  request.filter.after = instant_in(parts[2]);
  request.filter.before = instant_in(parts[3]);
  return number_in_token(parts[0]);
}

/// Lines of a deployment itself, or of its workers, belong to no execution.
bool fits_deployment(const log_filter& filter, const stored_log& line) {
  if (filter.deployment_name != line.deployment) return false;
  if (filter.execution_id || filter.run_id || filter.activity_id || filter.workflow_name) return false;
  return !filter.worker_name ||
         filter.worker_name == optional_text(from_text(line.data).as_object(), "worker");
}

boost::json::object show_deployment_line(const stored_log& line) {
  const auto data = from_text(line.data).as_object();
  boost::json::object attributes;
  attributes["deployment_name"] = line.deployment;
  put_text(attributes, "worker_name", optional_text(data, "worker"));
  boost::json::object shown;
  shown["timestamp"] = format_instant(line.at);
  // Part of no trace.
  shown["trace_id"] = "";
  shown["span_id"] = "";
  shown["severity_text"] = data.at("severity");
  shown["body"] = data.at("message");
  shown["log_attributes"] = std::move(attributes);
  return shown;
}

}  // namespace

bool fits(const log_filter& filter, const stored_log& line) {
  if (filter.after && line.at < *filter.after) return false;
  if (filter.before && line.at >= *filter.before) return false;
  if (!line.run) return fits_deployment(filter, line);
  const auto& run = line.run->identity;
  auto is = [](const std::optional<std::string>& wanted, std::string_view has) {
    return !wanted || *wanted == has;
  };
  if (!is(filter.execution_id, run.execution_id) || !is(filter.run_id, run.run_id) ||
      !is(filter.workflow_name, run.workflow_name) || !is(filter.worker_name, local_worker_name))
    return false;
  if (filter.deployment_name && !run.deployment_name.is(*filter.deployment_name)) return false;
  if (!filter.activity_id) return true;
  auto data = from_text(line.data);
  const auto* activity = data.as_object().if_contains("activity");
  return activity && std::to_string(activity->to_number<int>()) == *filter.activity_id;
}

const stored_log* next_line(const store& from, const log_filter& filter, std::int64_t after) {
  const candidates lines(from, filter);
  for (auto index = lines.up_to(after); index < lines.size(); ++index) {
    const auto& line = from.log(lines[index]);
    if (fits(filter, line)) return &line;
  }
  return nullptr;
}

boost::json::object show_line(const store& from, const stored_log& line) {
  if (!line.run) return show_deployment_line(line);
  auto data = from_text(line.data).as_object();
  const auto& run = *line.run;
  boost::json::object attributes;
  if (const auto* own = data.if_contains("attributes")) attributes = own->as_object();
  attributes["execution_id"] = run.identity.execution_id;
  attributes["run_id"] = run.identity.run_id;
  attributes["workflow_name"] = run.identity.workflow_name;
  attributes["worker_name"] = local_worker_name;
  if (run.identity.deployment_name) attributes["deployment_name"] = *run.identity.deployment_name;
  if (const auto* activity = data.if_contains("activity"))
    attributes["activity_id"] = std::to_string(activity->to_number<int>());

  boost::json::object shown;
  shown["timestamp"] = format_instant(line.at);
  shown["trace_id"] = trace_id_of(from, run);
  shown["span_id"] = span_id_of(run, optional_text(data, "task").value_or(""));
  shown["severity_text"] = data.at("severity");
  shown["body"] = data.at("message");
  shown["log_attributes"] = std::move(attributes);
  return shown;
}

boost::json::object list_logs(const store& from, log_page_request request) {
  std::optional<std::int64_t> last;
  if (request.cursor) last = read_cursor(*request.cursor, request);
  const candidates lines(from, request.filter);
  boost::json::array results;
  boost::json::object page;
  page["next_cursor"] = nullptr;
  const auto full = static_cast<std::size_t>(request.limit);
  // Looks at the lines in the order asked for; the first that does
  // not fit on the page any more shows that there is another.
  auto add = [&](std::int64_t sequence) {
    const auto& line = from.log(sequence);
    if (!fits(request.filter, line)) return true;
    if (results.size() == full) {
      page["next_cursor"] = make_cursor(*last, request);
      return false;
    }
    results.push_back(show_line(from, line));
    last = sequence;
    return true;
  };
  if (request.descending) {
    for (auto index = last ? lines.up_to(*last - 1) : lines.size(); index > 0 && add(lines[index - 1]);
         --index) {
    }
  } else {
    for (auto index = last ? lines.up_to(*last) : 0; index < lines.size() && add(lines[index]); ++index) {
    }
  }
  page["results"] = std::move(results);
  return page;
}

}  // namespace mistral::workflows::testing
