#include "net/connect/lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mistral::workflows::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

asio::ip::address address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    asio::ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr, bytes.size());
    return asio::ip::address_v4(bytes);
  }
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6->sin6_scope_id);
}

error_code translate(int result) {
  switch (result) {
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_FAIL:
      return asio::error::no_recovery;
    case EAI_MEMORY:
      return asio::error::no_memory;
    case EAI_SYSTEM:
      return error_code(errno, boost::system::system_category());
    default:
      return asio::error::host_not_found;
  }
}

error_code ask_system(const std::string& host, std::vector<asio::ip::address>& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (result != 0) return translate(result);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  for (const addrinfo* at = found; at; at = at->ai_next) {
    if (at->ai_family == AF_INET || at->ai_family == AF_INET6) out.push_back(address_of(*at));
  }
  return error_code();
}

lookup_means by_system() {
  lookup_means means;
  means.ask = ask_system;
  return means;
}

class lookup_service final : public asio::execution_context::service {
 public:
  using key_type = lookup_service;
  static asio::execution_context::id id;

  explicit lookup_service(asio::execution_context& context, lookup_means means = by_system())
      : service(context), threads(std::move(means)) {}
  void shutdown() override { threads.end(); }

  lookup_threads threads;
};

asio::execution_context::id lookup_service::id;

bool is_this_machine(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view name = "localhost";
  if (host.size() < name.size() || !boost::beast::iequals(host.substr(host.size() - name.size()), name))
    return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

}  // namespace

void look_up(asio::execution_context& context, std::string host, resolve_done done) {
  if (is_this_machine(host)) {
    const std::vector<asio::ip::address> both = {asio::ip::address_v4::loopback(),
                                                 asio::ip::address_v6::loopback()};
    return done(error_code(), both);
  }
  asio::use_service<lookup_service>(context).threads.start(host, std::move(done));
}

void look_up_by(asio::execution_context& context, lookup_means means) {
  asio::make_service<lookup_service>(context, std::move(means));
}

}  // namespace mistral::workflows::net
