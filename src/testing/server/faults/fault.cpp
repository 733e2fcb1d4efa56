#include <mistral/workflows/testing/fault.hpp>

#include "testing/server/faults/fault_plan.hpp"

namespace mistral::workflows::testing {

fault::fault() : plan_(std::make_unique<plan>()) {}
fault::~fault() = default;
fault::fault(const fault& other) : plan_(std::make_unique<plan>(*other.plan_)) {}

fault& fault::operator=(const fault& other) {
  if (this != &other) plan_ = std::make_unique<plan>(*other.plan_);
  return *this;
}

fault& fault::on(std::string operation) {
  plan_->operation = std::move(operation);
  return *this;
}

fault& fault::method(std::string method) {
  plan_->method = std::move(method);
  return *this;
}

fault& fault::path(std::string path) {
  plan_->path = std::move(path);
  return *this;
}

fault& fault::execution(std::string execution_id) {
  plan_->execution_id = std::move(execution_id);
  return *this;
}

fault& fault::when(std::function<bool(const seen_request&)> condition) {
  plan_->condition = std::move(condition);
  return *this;
}

fault& fault::times(int count) {
  plan_->times = count;
  return *this;
}

fault& fault::after(int count) {
  plan_->after = count;
  return *this;
}

fault& fault::chance(double chance, std::uint64_t seed) {
  plan_->chance = chance;
  plan_->seed = seed;
  return *this;
}

fault& fault::delay(std::chrono::milliseconds time) {
  plan_->delay = time;
  return *this;
}

fault& fault::hold() {
  plan_->hold = true;
  return *this;
}

fault& fault::close_before_processing(ending how) {
  plan_->close_before = how;
  return *this;
}

fault& fault::answer(int status, std::string code, std::string detail) {
  plan_->status = status;
  plan_->code = std::move(code);
  plan_->detail = std::move(detail);
  return *this;
}

fault& fault::retry_after(std::chrono::seconds time) {
  plan_->retry_after = time;
  return *this;
}

fault& fault::retry_after_date(std::chrono::seconds from_now) {
  plan_->retry_after_date = from_now;
  return *this;
}

fault& fault::answer_text(int status, std::string content_type, std::string body) {
  plan_->status = status;
  plan_->body_type = std::move(content_type);
  plan_->body = std::move(body);
  return *this;
}

fault& fault::html_page(int status) {
  return answer_text(status, "text/html",
                     "<html>\r\n<head><title>Bad gateway</title></head>\r\n<body>\r\n<center><h1>Bad "
                     "gateway</h1></center>\r\n"
                     "<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n");
}

fault& fault::redirect(std::string location, int status) {
  header("Location", std::move(location));
  return answer_text(status, "text/plain", std::string());
}

fault& fault::hold_answer() {
  plan_->hold_answer = true;
  return *this;
}

fault& fault::delay_answer(std::chrono::milliseconds time) {
  plan_->delay_answer = time;
  return *this;
}

fault& fault::close_after_processing(ending how) {
  plan_->close_after = how;
  return *this;
}

fault& fault::cut_answer(std::size_t bytes, ending how) {
  plan_->cut_answer.emplace(bytes, how);
  return *this;
}

fault& fault::cut_body(std::size_t bytes, ending how) {
  plan_->cut_body.emplace(bytes, how);
  return *this;
}

fault& fault::stall(std::size_t bytes) {
  plan_->stall = bytes;
  return *this;
}

fault& fault::content_type(std::string value) {
  plan_->content_type = std::move(value);
  return *this;
}

fault& fault::content_length_off_by(std::ptrdiff_t bytes) {
  plan_->content_length_off_by = bytes;
  return *this;
}

fault& fault::connection_close() {
  plan_->connection_close = true;
  return *this;
}

fault& fault::close_after_answer(ending how) {
  plan_->close_after_answer = how;
  return *this;
}

fault& fault::header(std::string name, std::string value) {
  plan_->headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

fault& fault::early_hints(int count) {
  plan_->early_hints = count;
  return *this;
}

fault& fault::cut_stream_after(int events, ending how) {
  plan_->cut_events.emplace(events, how);
  return *this;
}

fault& fault::cut_stream_at(std::size_t bytes, ending how) {
  plan_->cut_text.emplace(bytes, how);
  return *this;
}

fault& fault::stall_stream_after(int events) {
  plan_->stall_events = events;
  return *this;
}

fault& fault::pause_stream_after(int events, std::chrono::milliseconds time) {
  plan_->pause_events = events;
  plan_->pause = time;
  return *this;
}

fault& fault::comments_only(std::chrono::milliseconds interval) {
  plan_->comments_every = interval;
  return *this;
}

fault& fault::stream_error(std::string error, std::string reason, int after_events) {
  plan_->error = std::move(error);
  plan_->reason = std::move(reason);
  plan_->error_after = after_events;
  return *this;
}

fault& fault::stream_retry(std::chrono::milliseconds time) {
  plan_->retry = time;
  return *this;
}

fault& fault::stream_text(std::string text, int after_events) {
  plan_->text = std::move(text);
  plan_->text_after = after_events;
  return *this;
}

}  // namespace mistral::workflows::testing
