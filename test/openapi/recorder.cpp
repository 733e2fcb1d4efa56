#include "openapi/recorder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

namespace openapi {
namespace {

recorded parse_head(const std::string& head) {
  recorded made;
  std::istringstream lines(head);
  lines >> made.method >> made.target;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    made.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return made;
}

}  // namespace

std::string recorded::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string() : target.substr(mark + 1);
}

recorder::recorder(asio::io_context& io, std::function<std::string(const recorded&)> answer)
    : acceptor_(io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      answer_(std::move(answer)) {
  asio::co_spawn(io, accept(), asio::detached);
}

std::string recorder::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

std::vector<recorded> recorder::take() { return std::exchange(requests_, {}); }

asio::awaitable<void> recorder::accept() {
  for (;;) {
    asio::ip::tcp::socket peer = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(peer)), asio::detached);
  }
}

asio::awaitable<void> recorder::serve(asio::ip::tcp::socket peer) {
  std::string buffer;
  for (;;) {
    boost::system::error_code ended;
    const std::size_t head = co_await asio::async_read_until(
        peer, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ended));
    if (ended) co_return;
    recorded request = parse_head(buffer.substr(0, head));
    buffer.erase(0, head);
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (buffer.size() < size) {
      char more[4096];
      const std::size_t got =
          co_await peer.async_read_some(asio::buffer(more), asio::redirect_error(asio::use_awaitable, ended));
      if (ended) co_return;
      buffer.append(more, got);
    }
    request.body = buffer.substr(0, size);
    buffer.erase(0, size);
    const std::string answer = answer_(request);
    requests_.push_back(std::move(request));
    co_await asio::async_write(peer, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, ended));
    if (ended) co_return;
  }
}

}  // namespace openapi
