package dev.holdfast;

/** The I/O interface that drives the sockets; see {@link ConnectionOptions#transport(Transport)}. */
public enum Transport {
    /** epoll or kqueue if its native library is on the class path, else NIO. */
    AUTO,
    /** io_uring, on Linux 5.14 and later; the connect fails if its native library is absent. */
    IO_URING,
    /** epoll, on Linux; the connect fails if its native library is absent. */
    EPOLL,
    /** kqueue, on macOS and BSD; the connect fails if its native library is absent. */
    KQUEUE,
    /** java.nio, on every platform. */
    NIO
}
