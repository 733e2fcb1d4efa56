#include "testing/server/connection/connection.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cctype>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t head_limit = 64 * 1024;
using parser = http::request_parser<http::string_body>;

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

std::string_view view(boost::beast::string_view text) { return std::string_view(text.data(), text.size()); }

std::shared_ptr<request> to_request(const parser::value_type& message) {
  auto made = std::make_shared<request>();
  std::string_view target = view(message.target());
  // The absolute form, which a client may use.
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const std::size_t path = target.find('/', target.find("//") + 2);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  const std::size_t question = target.find('?');
  made->seen.path = target.substr(0, question);
  if (question != std::string_view::npos) made->seen.query = target.substr(question + 1);
  made->seen.method = view(message.method_string());
  made->seen.body = message.body();
  for (const auto& field : message)
    made->seen.headers.emplace_back(lower(view(field.name_string())), std::string(view(field.value())));
  made->version = message.version();
  made->keep_alive = message.keep_alive();
  return made;
}

int status_of(error_code failed) {
  if (failed == http::error::body_limit) return 413;
  if (failed == http::error::header_limit) return 431;
  return 400;
}

}  // namespace

// Nothing: the client has gone, or was refused and will be closed.
asio::awaitable<std::shared_ptr<request>> connection::read_request() {
  parser reading;
  reading.eager(true);
  reading.header_limit(head_limit);
  reading.body_limit(server_.options.request_limit);
  bool told_to_continue = false;
  for (;;) {
    while (!in_.empty() && !reading.is_done()) {
      set_idle(false);
      error_code failed;
      const std::size_t used = reading.put(asio::buffer(in_), failed);
      in_.erase(0, used);
      if (failed && failed != http::error::need_more) {
        const int status = status_of(failed);
        std::string detail(reason_phrase(status));
        co_await refuse(status, std::move(detail));
        co_return nullptr;
      }
      if (used == 0) break;
    }
    if (in_.size() < head_limit) room_.cancel();
    if (reading.is_done()) co_return to_request(reading.get());
    if (gone_) co_return nullptr;
    if (reading.is_header_done() && !told_to_continue &&
        reading.get()[http::field::expect] == "100-continue") {
      told_to_continue = true;
      std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await write(std::move(go_on));
      continue;
    }
    co_await wait();
  }
}

}  // namespace mistral::workflows::testing
