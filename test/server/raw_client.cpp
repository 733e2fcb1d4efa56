#include "server/raw_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace server_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

asio::ssl::context trusting(const std::string& ca) {
  asio::ssl::context made(asio::ssl::context::tls_client);
  if (!ca.empty()) made.add_certificate_authority(asio::buffer(ca));
  made.set_verify_mode(asio::ssl::verify_peer);
  return made;
}

tcp::endpoint loopback(std::uint16_t port) { return tcp::endpoint(asio::ip::address_v4::loopback(), port); }

seen_end to_end(error_code failed) {
  if (failed == asio::error::eof) return seen_end::close_notify;
  if (failed == asio::ssl::error::stream_truncated) return seen_end::no_close_notify;
  return seen_end::reset;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, seen_end end) {
  static constexpr std::array<const char*, 5> names{"open", "whole", "close_notify", "no_close_notify",
                                                    "reset"};
  return out << names[static_cast<std::size_t>(end)];
}

boost::json::value reply::json() const { return boost::json::parse(body); }
boost::json::value stream_item::json() const { return boost::json::parse(data); }

raw_client::raw_client(const wft::local_server& server) : own_tls_(trusting(server.ca_pem())) {
  tcp::socket socket(io_);
  socket.connect(loopback(server.port()));
  if (server.ca_pem().empty()) {
    plain_ = std::make_unique<tcp::socket>(std::move(socket));
    return;
  }
  secure_ = std::make_unique<asio::ssl::stream<tcp::socket>>(std::move(socket), own_tls_);
  secure_->set_verify_callback(asio::ssl::host_name_verification("localhost"));
  handshake();
}

raw_client::raw_client(std::uint16_t port) : own_tls_(asio::ssl::context::tls_client) {
  plain_ = std::make_unique<tcp::socket>(io_);
  plain_->connect(loopback(port));
}

raw_client::raw_client(std::uint16_t port, asio::ssl::context& tls, const std::string& host,
                       SSL_SESSION* session)
    : own_tls_(asio::ssl::context::tls_client) {
  tcp::socket socket(io_);
  socket.connect(loopback(port));
  secure_ = std::make_unique<asio::ssl::stream<tcp::socket>>(std::move(socket), tls);
  secure_->set_verify_callback(asio::ssl::host_name_verification(host));
  if (session) SSL_set_session(secure_->native_handle(), session);
}

raw_client::~raw_client() = default;

void raw_client::handshake() { secure_->handshake(asio::ssl::stream_base::client); }
bool raw_client::resumed() { return SSL_session_reused(secure_->native_handle()) == 1; }
SSL* raw_client::native() { return secure_->native_handle(); }

void raw_client::send(std::string_view bytes) {
  if (secure_)
    asio::write(*secure_, asio::buffer(bytes.data(), bytes.size()));
  else
    asio::write(*plain_, asio::buffer(bytes.data(), bytes.size()));
}

void raw_client::request(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view more_headers) {
  std::string text(method);
  text += ' ';
  text += target;
  text += " HTTP/1.1\r\nHost: localhost\r\n";
  text += more_headers;
  if (!body.empty()) text += "Content-Type: application/json\r\n";
  if (!body.empty() || method != "GET") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  send(text);
}

reply raw_client::ask(std::string_view method, std::string_view target, std::string_view body,
                      std::string_view more_headers) {
  request(method, target, body, more_headers);
  return answer();
}

bool raw_client::read_raw() {
  std::array<char, 4096> chunk;
  error_code failed;
  const std::size_t count = secure_ ? secure_->read_some(asio::buffer(chunk), failed)
                                    : plain_->read_some(asio::buffer(chunk), failed);
  raw_.append(chunk.data(), count);
  if (failed) end_ = to_end(failed);
  return !failed;
}

reply raw_client::head() {
  reply made;
  std::size_t blank = std::string::npos;
  while ((blank = raw_.find("\r\n\r\n")) == std::string::npos) {
    if (read_raw()) continue;
    made.body = raw_;
    made.end = end_;
    return made;
  }
  const std::string lines = raw_.substr(0, blank + 2);
  raw_.erase(0, blank + 4);
  made.status = std::stoi(lines.substr(9, 3));
  for (std::size_t at = lines.find("\r\n") + 2; at < lines.size();) {
    const std::size_t end = lines.find("\r\n", at);
    const std::size_t colon = lines.find(": ", at);
    std::string name = lines.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    made.headers[name] = lines.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  chunked_ = made.headers.contains("transfer-encoding") && made.headers.at("transfer-encoding") == "chunked";
  const bool bodiless = made.status == 204 || made.status < 200;
  until_close_ = !chunked_ && !bodiless && !made.headers.contains("content-length");
  left_ = !chunked_ && !bodiless && !until_close_ ? std::stoul(made.headers.at("content-length")) : 0;
  in_chunk_ = false;
  end_ = seen_end::open;
  return made;
}

// Moves what is there of the body from `raw_` to `text_`; false at the end.
bool raw_client::read_body() {
  for (;;) {
    if (until_close_ || (!chunked_ && left_ > 0) || in_chunk_) {
      const std::size_t part = until_close_ ? raw_.size() : std::min(raw_.size(), left_);
      text_ += raw_.substr(0, part);
      raw_.erase(0, part);
      left_ -= until_close_ ? 0 : part;
      if (in_chunk_ && left_ == 0 && raw_.size() >= 2) {
        raw_.erase(0, 2);
        in_chunk_ = false;
      }
      if (part > 0) return true;
    } else if (!chunked_) {
      end_ = seen_end::whole;
      return false;
    }
    const std::size_t line_end = chunked_ && !in_chunk_ ? raw_.find("\r\n") : std::string::npos;
    if (line_end != std::string::npos) {
      left_ = std::stoul(raw_.substr(0, line_end), nullptr, 16);
      if (left_ == 0 && raw_.size() >= line_end + 4) {
        raw_.erase(0, line_end + 4);
        end_ = seen_end::whole;
        return false;
      }
      if (left_ > 0) {
        raw_.erase(0, line_end + 2);
        in_chunk_ = true;
        continue;
      }
    }
    if (!read_raw()) return false;
  }
}

reply raw_client::answer() {
  reply made = head();
  if (made.end != seen_end::open) return made;
  while (read_body()) {
  }
  made.body = std::move(text_);
  text_.clear();
  made.end = end_;
  return made;
}

std::optional<std::string> raw_client::line() {
  std::size_t end = std::string::npos;
  while ((end = text_.find('\n')) == std::string::npos)
    if (!read_body()) return std::nullopt;
  std::string found = text_.substr(0, end);
  text_.erase(0, end + 1);
  return found;
}

std::optional<stream_item> raw_client::next_event() {
  stream_item item;
  bool any = false;
  while (const std::optional<std::string> next = line()) {
    if (next->empty() && any) return item;
    if (next->starts_with(':')) ++comments_;
    const std::size_t colon = next->find(": ");
    if (next->empty() || colon == 0 || colon == std::string::npos) continue;
    const std::string name = next->substr(0, colon);
    const std::string value = next->substr(colon + 2);
    if (name == "id") item.id = value;
    if (name == "event") item.event = value;
    if (name == "data") item.data = value;
    any = any || name == "data";
  }
  return std::nullopt;
}

std::string raw_client::read_to_end() {
  while (read_raw()) {
  }
  return std::move(raw_);
}

void raw_client::close() {
  error_code ignored;
  if (secure_)
    secure_->lowest_layer().close(ignored);
  else
    plain_->close(ignored);
}

}  // namespace server_test
