// The addresses of one host: asked for once however many wait, and remembered for a while.
// How names are looked up is not its business: that function is given to it.
#pragma once

#include "net/common/asio_compat.hpp"
#include "net/common/gate.hpp"
#include "net/common/pool_options.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mistral::workflows::net {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT name_cache : public std::enable_shared_from_this<name_cache> {
 public:
  static constexpr std::chrono::seconds kept{30};
  static constexpr std::chrono::seconds patience{30};  // then a look-up is taken for lost, and begun again

  /// `host` may be an address literal: then nothing is looked up.
  name_cache(std::string host, resolve_function look_up, clock_function now);

  using addresses = std::vector<asio::ip::address>;

  /// What is known, if that needs no waiting; else who calls has to wait at `ready` (which
  /// may be open already) and then to call result(). Who does not wait leaves nothing behind.
  struct answer {
    answer() = default;
    addresses known;
    std::shared_ptr<gate> ready;
  };
  answer ask();

  /// After the gate of ask() opened. Errors: failure host_not_found.
  addresses result() const;

 private:
  const std::string host_;
  const resolve_function look_up_;
  const clock_function now_;

  mutable std::mutex mutex_;
  bool asking_ = false;
  std::chrono::steady_clock::time_point asked_at_{};
  addresses found_;
  error_code why_;  // of the last look-up
  std::chrono::steady_clock::time_point good_until_{};
  bool for_ever_ = false;
  std::vector<std::shared_ptr<gate>> waiting_;

  void begin();
  void done(error_code why, addresses found);
};

}  // namespace mistral::workflows::net
