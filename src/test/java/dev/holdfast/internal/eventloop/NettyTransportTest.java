package dev.holdfast.internal.eventloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Connection;
import dev.holdfast.Transport;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** A class path of Netty 4.1, by what the library meets there: classes are missing, and the versions say why. */
    @Test
    void nettyOlderThan42IsNamed(@TempDir Path versions) throws Exception {
        Path resource = Files.createDirectories(versions.resolve("META-INF")).resolve("io.netty.versions.properties");
        List<String> lines = Stream.of("buildDate", "commitDate", "shortCommitHash", "longCommitHash", "repoStatus")
                .map(key -> "netty-transport." + key + "=2025-10-14 00:00:00 +0000")
                .toList();
        Files.write(resource, lines);
        Files.writeString(resource, "netty-transport.version=4.1.128.Final\n", StandardOpenOption.APPEND);
        URL[] jars = Stream.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1))
                .map(NettyTransportTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new Netty41Loader(jars, resource)) {
            Method open = loader.loadClass(Connection.class.getName()).getMethod("lazy", String.class);
            assertThatThrownBy(() -> open.invoke(null, "amqp://127.0.0.1/"))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Holdfast needs Netty 4.2, found netty-transport 4.1.128.Final (")
                    .hasCauseInstanceOf(LinkageError.class);
        }
    }

    private static final class Netty41Loader extends URLClassLoader {
        private final Path versions;

        Netty41Loader(URL[] jars, Path versions) {
            super(jars, ClassLoader.getPlatformClassLoader());
            this.versions = versions;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("io.netty.channel.IoHandler") || name.endsWith("MultiThreadIoEventLoopGroup")) {
                throw new ClassNotFoundException(name);
            }
            return super.findClass(name);
        }

        @Override
        public Enumeration<URL> findResources(String name) throws IOException {
            return name.equals("META-INF/io.netty.versions.properties")
                    ? Collections.enumeration(List.of(url(versions.toString())))
                    : super.findResources(name);
        }
    }

    private static URL url(String path) {
        try {
            return Path.of(path).toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new AssertionError(e);
        }
    }
}
