#include "net/http/spare_memory.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace mistral::workflows::net {
namespace {

constexpr std::size_t least_text = 64;  // bytes
constexpr std::size_t most_text = 16 * 1024;

template <class T>
class pile {
 public:
  void take(T& into) noexcept {
    if (count_ > 0) into = std::move(kept_[--count_]);
  }
  void give_back(T& used) noexcept {
    if (count_ < kept_.size()) kept_[count_++] = std::move(used);
  }

 private:
  std::array<T, 8> kept_;  // as many as answers come in pieces at a time
  std::size_t count_ = 0;
};

// A lease may end after the thread's own variables have.
thread_local bool over = false;

struct stock {
  stock() = default;
  ~stock() { over = true; }
  stock(const stock&) = delete;
  stock& operator=(const stock&) = delete;

  pile<read_buffer> buffers;
  pile<response_head> heads;
  pile<std::string> texts;
};

stock* here() noexcept {
  thread_local stock own;
  return over ? nullptr : &own;
}

}  // namespace

void spare_memory::take(read_buffer& into) noexcept {
  if (stock* const own = here()) own->buffers.take(into);
}

void spare_memory::take(response_head& into) noexcept {
  if (stock* const own = here()) own->heads.take(into);
}

void spare_memory::take(std::string& into) noexcept {
  if (stock* const own = here()) own->texts.take(into);
}

void spare_memory::give_back(read_buffer& used) noexcept {
  read_buffer gone = std::exchange(used, read_buffer());
  gone.clear();  // what is left of an answer nobody read on must not meet the next user
  gone.allow_large(false);
  if (gone.capacity() == 0 || gone.capacity() > read_buffer::usual_size) return;
  if (stock* const own = here()) own->buffers.give_back(gone);
}

void spare_memory::give_back(response_head& used) noexcept {
  if (used.capacity() == 0 || used.capacity() > most_text) return;
  used.begin(0, 11);
  if (stock* const own = here()) own->heads.give_back(used);
}

void spare_memory::give_back(std::string& used) noexcept {
  used.clear();
  if (used.capacity() < least_text || used.capacity() > most_text) return;
  if (stock* const own = here()) own->texts.give_back(used);
}

}  // namespace mistral::workflows::net
