package dev.holdfast;

/** The operating-system interface that sockets are driven by. */
public enum Transport {
    /** The best that is present: epoll or kqueue when its native library is on the class path, else NIO. */
    AUTO,
    /** io_uring, on Linux 5.14 and later; fails at connect when its native library is absent. */
    IO_URING,
    /** epoll, on Linux; fails at connect when its native library is absent. */
    EPOLL,
    /** kqueue, on macOS and BSD; fails at connect when its native library is absent. */
    KQUEUE,
    /** The JDK's own, everywhere. */
    NIO
}
