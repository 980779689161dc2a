package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.PublishException.DeliveryStatus;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlockingCallsTest {
    /** One instance of each exception class. */
    static List<AmqpException> exceptions() {
        IOException cause = new IOException("reset");
        return List.of(
                new AmqpChannelException("closed", 3, 405, "queue.declare", true),
                AmqpConnectionException.closedByBroker(320, "CONNECTION_FORCED", "exchange.declare"),
                new AmqpProtocolException("frame end", ReplyCode.FRAME_ERROR, cause),
                new AmqpTimeoutException("late"),
                new AuthenticationFailedException("refused", cause, 403),
                new ConnectFailedException("closed", cause, 530, Initiator.BROKER, true),
                new ContentDisallowedException("yaml", cause),
                new DecodeException("no JSON", cause),
                new HeartbeatTimeoutException("silent"),
                new LimitExceededException("none free", 10, Duration.ofSeconds(2)),
                new NackedException("media", "video"),
                new PublishException("lost", new AmqpTimeoutException("late"), DeliveryStatus.UNKNOWN),
                new RetriesExhaustedException("ensure", 31, cause, DeliveryStatus.NOT_SENT),
                new SerializationException("no bytes", cause),
                new SerializerNotInstalledException("msgpack", cause),
                new TlsFailedException(TlsFailedException.Reason.EXPIRED, "expired", cause, true),
                new UnroutableException(312, "NO_ROUTE", "media", "video"));
    }

    @Test
    void callersThatShareAFailureGetTheirOwnStackTraces() {
        CompletableFuture<Void> failed =
                CompletableFuture.failedFuture(new AmqpConnectionException("lost", null, 0, Initiator.NETWORK, true));

        Throwable first = catchThrowable(() -> firstCaller(failed));
        Throwable second = catchThrowable(() -> secondCaller(failed));

        assertThat(methodsOf(first)).contains("firstCaller").doesNotContain("secondCaller");
        assertThat(methodsOf(second)).contains("secondCaller").doesNotContain("firstCaller");
    }

    @Test
    void anotherExceptionKeepsItsStackAndShowsTheCaller() {
        IllegalStateException failure = new IllegalStateException("of the user");
        StackTraceElement[] stack = failure.getStackTrace();

        assertThat(catchThrowable(() -> firstCaller(CompletableFuture.failedFuture(failure))))
                .isSameAs(failure);
        assertThat(failure.getStackTrace()).isEqualTo(stack);
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(caller -> assertThat(caller.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("firstCaller")));
    }

    @Test
    void aSubclassOutsideTheLibraryIsThrownAsItIs() {
        AmqpException failure = new PublishException("of the user", null, DeliveryStatus.UNKNOWN) {};

        assertThat(catchThrowable(() -> firstCaller(CompletableFuture.failedFuture(failure))))
                .isSameAs(failure);
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void aCopyHasAllFieldsAndTheCallersStackTrace(AmqpException original) throws Exception {
        original.addSuppressed(new IOException("close"));

        AmqpException copy = (AmqpException) BlockingCalls.callerException(new ExecutionException(original));

        assertThat(copy).isNotSameAs(original).hasSameClassAs(original).hasMessage(original.getMessage());
        assertThat(copy.getCause()).isSameAs(original.getCause());
        assertThat(copy.getSuppressed()).isEqualTo(original.getSuppressed());
        assertThat(copy.recoverable()).isEqualTo(original.recoverable());
        assertThat(methodsOf(copy)).contains("aCopyHasAllFieldsAndTheCallersStackTrace");
        for (Class<?> type = copy.getClass(); type != AmqpException.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                field.setAccessible(true);
                assertThat(field.get(copy)).as(field.getName()).isEqualTo(field.get(original));
            }
        }
    }

    @Test
    void everyExceptionClassIsCopied() throws Exception {
        Set<String> copied = exceptions().stream()
                .map(exception -> exception.getClass().getName())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(copied).isEqualTo(concreteExceptionClasses());
    }

    private static Set<String> concreteExceptionClasses() throws IOException, URISyntaxException {
        Path root = Path.of(AmqpException.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(root.resolve("dev").resolve("holdfast"), "*.class")) {
            for (Path file : files) {
                String name = "dev.holdfast." + file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName(name, false, AmqpException.class.getClassLoader());
                if (AmqpException.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                    names.add(name);
                }
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    private static List<String> methodsOf(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .map(StackTraceElement::getMethodName)
                .toList();
    }

    private static void firstCaller(CompletableFuture<Void> future) {
        Void unused = BlockingCalls.forReply(future, "first");
    }

    private static void secondCaller(CompletableFuture<Void> future) {
        Void unused = BlockingCalls.forReply(future, "second");
    }
}
