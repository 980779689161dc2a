/** An AMQP 0-9-1 client that reports the outcome of every message. */
module dev.holdfast {
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires transitive io.netty.transport; // EventLoops.of
    requires static com.aayushatharva.brotli4j;
    requires static com.fasterxml.jackson.databind;
    requires static com.github.luben.zstd_jni;
    requires static io.netty.transport.classes.epoll;
    requires static io.netty.transport.classes.io_uring;
    requires static io.netty.transport.classes.kqueue;
    requires static jdk.jfr;
    requires static msgpack.core;
    requires static org.apache.commons.compress;
    requires static org.jspecify;
    requires static org.tukaani.xz;
    requires static org.yaml.snakeyaml;
    requires static pickle;
    requires static tools.jackson.databind;

    exports dev.holdfast;
    exports dev.holdfast.pool;
    exports dev.holdfast.serialization;
}
