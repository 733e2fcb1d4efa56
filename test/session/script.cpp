#include "session/script.hpp"

#include "net/common/failure.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/url/pct_string_view.hpp>

#include <algorithm>
#include <charconv>

namespace test {
namespace net = wf::net;

script& script::answer(int status, std::string body, std::string headers, std::function<void()> then) {
  step s;
  s.told = std::move(then);
  s.status = status;
  s.headers = std::move(headers);
  s.body = std::move(body);
  steps_.push_back(std::move(s));
  return *this;
}

script& script::absent(const std::string& code) {
  return answer(404, R"({"detail":"there is none","code":")" + code + R"("})");
}

script& script::late(std::chrono::milliseconds time) {
  steps_.back().delay = time;
  return *this;
}

script& script::bytes(std::string text) {
  step s;
  s.bytes = std::move(text);
  s.then = step::after::cut;
  steps_.push_back(std::move(s));
  return *this;
}

script& script::cut() { return bytes(std::string()); }

script& script::stall(std::function<void()> then) {
  step s;
  s.then = step::after::stall;
  s.told = std::move(then);
  steps_.push_back(std::move(s));
  return *this;
}

script& script::refuse() {
  refusals_.push_back(true);
  return *this;
}

net::connect_function script::connector() {
  return [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
    if (!refusals_.empty()) {
      refusals_.pop_front();
      throw net::failure(asio::error::connection_refused, "connection refused");
    }
    ++connections;
    auto ends = net::memory_channel::make_pair();
    asio::co_spawn(io_, serve(std::move(ends.second)), asio::detached);
    co_return std::move(ends.first);
  };
}

std::shared_ptr<const wf::session::client_handle> script::client(wf::client_options options) {
  options.server_url = "http://localhost";
  if (!options.api_key_supplier) options.api_key = "secret-key";
  if (options.retry.initial_backoff == wf::retry_options().initial_backoff) {
    options.retry.initial_backoff = std::chrono::milliseconds(1);
    options.retry.max_backoff = std::chrono::milliseconds(2);
    options.retry.look_distance = std::chrono::milliseconds(1);
  }
  return std::make_shared<const wf::session::client_handle>(
      wf::session::client_state::over(io_.get_executor(), std::move(options), connector()));
}

std::string script::line(std::size_t request) const {
  const std::string& text = requests.at(request);
  return text.substr(0, text.find(" HTTP/1.1"));
}

std::string id_of(const std::string& request) {
  constexpr std::string_view member = "\"execution_id\":\"", segment = "/executions/";
  if (const auto at = request.find(member); at != std::string::npos) {
    const auto from = at + member.size();
    return request.substr(from, request.find('"', from) - from);
  }
  const auto at = request.find(segment);
  if (at == std::string::npos) return std::string();
  const auto from = at + segment.size();
  const auto encoded = request.substr(from, request.find_first_of(" /?", from) - from);
  return boost::urls::pct_string_view(encoded).decode();
}

std::string answer_bytes(int status, const std::string& headers, const std::string& body) {
  const std::string head =
      "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" + headers;
  if (status == 204) return head + "\r\n";
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

namespace {

std::string name_asked_id(std::string body, const std::string& request) {
  for (std::size_t from = 0; (from = body.find(asked_id, from)) != std::string::npos;)
    body.replace(from, std::string_view(asked_id).size(), id_of(request));
  return body;
}

}  // namespace

std::string script::answer_of(const step& now, const std::string& request) {
  return answer_bytes(now.status, now.headers, name_asked_id(now.body, request));
}

script::step script::next_step() {
  step now;
  const std::string& request = requests.back();
  if (steps_.empty() && otherwise) {
    said by = otherwise(request);
    now.bytes = std::move(by.bytes);
    now.delay = by.delay;
    if (by.cut) now.then = step::after::cut;
    return now;
  }
  BOOST_REQUIRE_MESSAGE(!steps_.empty(), "a request that the script does not know: " << request);
  now = std::move(steps_.front());
  steps_.pop_front();
  if (now.status != 0) now.bytes = answer_of(now, request);
  return now;
}

asio::awaitable<void> script::serve(std::unique_ptr<net::memory_channel> end) {
  net::memory_channel& channel = *end;
  net::stream peer(io_.get_executor(), std::move(end));
  std::string buffer;
  for (;;) {
    boost::system::error_code failure;
    const std::size_t head = co_await asio::async_read_until(
        peer, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return;
    std::size_t length = 0;
    if (const auto at = buffer.find("Content-Length: "); at < head)
      std::from_chars(buffer.data() + at + 16, buffer.data() + head, length);
    while (buffer.size() < head + length) {
      char more[4096];
      const std::size_t got = co_await peer.async_read_some(
          asio::buffer(more), asio::redirect_error(asio::use_awaitable, failure));
      if (failure) co_return;
      buffer.append(more, got);
    }
    requests.push_back(buffer.substr(0, head + length));
    buffer.erase(0, head + length);
    const step now = next_step();
    const int is_look = requests.back().starts_with("GET ") ? 1 : 0;
    most_looks = std::max(most_looks, looks += is_look);
    if (now.delay.count() > 0) {
      asio::steady_timer under_way(io_, now.delay);
      co_await under_way.async_wait(asio::use_awaitable);
    }
    if (now.told) now.told();
    looks -= is_look;
    if (!now.bytes.empty()) co_await asio::async_write(peer, asio::buffer(now.bytes), asio::use_awaitable);
    if (now.then == step::after::cut) {
      channel.cut();
      co_return;
    }
  }
}

void run(asio::io_context& io, std::function<asio::awaitable<void>()> body) {
  std::exception_ptr problem;
  bool ended = false;
  asio::co_spawn(asio::make_strand(io), body(), [&](std::exception_ptr thrown) {
    problem = std::move(thrown);
    ended = true;
  });
  run_until(io, ended);
  if (problem) std::rethrow_exception(problem);
}

std::exception_ptr failure_of(asio::io_context& io, asio::cancellation_signal& stop,
                              std::function<asio::awaitable<void>()> body) {
  std::exception_ptr problem;
  bool ended = false;
  auto finish = [&](std::exception_ptr thrown) {
    problem = std::move(thrown);
    ended = true;
  };
  asio::co_spawn(io, body(), asio::bind_cancellation_slot(stop.slot(), finish));
  run_until(io, ended);
  return problem;
}

// Not run(): the server's end of an idle connection waits for ever.
void run_until(asio::io_context& io, const bool& ended) {
  io.restart();
  while (!ended) BOOST_REQUIRE(io.run_one() == 1);
}

std::string execution_json(const std::string& id, const std::string& status, const std::string& start_time,
                           const std::string& run_id) {
  return R"({"workflow_name":"ticket","execution_id":")" + id + R"(","root_execution_id":")" + id +
         R"(","run_id":")" + run_id + R"(","status":")" + status + R"(","start_time":")" + start_time +
         R"(","end_time":null,"result":{"ok":true}})";
}

}  // namespace test
