package dev.holdfast;

/**
 * The I/O interface that drives the sockets; see {@link ConnectionOptions#transport(Transport)}. {@link
 * Connection#info()} says which one is used. The native ones need an artifact of Netty, in the version of the others,
 * with the classifier of the platform, such as {@code io.netty:netty-transport-native-epoll:linux-x86_64} or {@code
 * linux-aarch_64}.
 */
public enum Transport {
    /** epoll or kqueue if its native library is on the class path, else NIO. */
    AUTO,
    /** io_uring, on Linux 5.14 and later: {@code netty-transport-native-io_uring}; the connect fails without it. */
    IO_URING,
    /** epoll, on Linux: {@code netty-transport-native-epoll}; the connect fails without it. */
    EPOLL,
    /** kqueue, on macOS and BSD: {@code netty-transport-native-kqueue}; the connect fails without it. */
    KQUEUE,
    /** java.nio, on every platform. */
    NIO
}
