package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Transport;
import io.netty.channel.EventLoopGroup;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NettyTransportTest {
    @Test
    void autoSelectsATransportThatRuns() throws Exception {
        EventLoopGroup group = NettyTransport.of(Transport.AUTO).newGroup("holdfast-io");
        Thread thread = group.submit(Thread::currentThread).sync().getNow();
        assertThat(thread.getName()).isEqualTo("holdfast-io");
        assertThat(thread.isDaemon()).isTrue();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Test
    void unavailableTransportNamesTheMissingLibrary() {
        assertThatThrownBy(() -> NettyTransport.of(Transport.KQUEUE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("netty-transport-native-kqueue");
    }

    /** The native transports are optional: their classes may be missing. */
    @Test
    void nioRunsWithoutTheClassesOfNativeTransports() throws Exception {
        URL[] jars = Stream.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1))
                .filter(path -> !path.contains("netty-transport-classes-"))
                .map(NettyTransportTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(jars, ClassLoader.getPlatformClassLoader())) {
            Class<?> transport = loader.loadClass(Transport.class.getName());
            Class<?> transports = loader.loadClass(NettyTransport.class.getName());
            Object selected = transports
                    .getMethod("of", transport)
                    .invoke(null, transport.getField("AUTO").get(null));
            assertThat(transports.getMethod("transport").invoke(selected)).hasToString("NIO");
            assertThat(transports.getClassLoader()).isSameAs(loader);
        }
    }

    private static URL url(String path) {
        try {
            return java.nio.file.Path.of(path).toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new AssertionError(e);
        }
    }
}
