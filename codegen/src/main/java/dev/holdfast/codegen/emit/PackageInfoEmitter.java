package dev.holdfast.codegen.emit;

import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;

/** Generates {@code package-info}, which JavaPoet does not support. */
public final class PackageInfoEmitter implements Emitter {
    private static final String TEXT = """
            /**
             * The methods of AMQP 0-9-1 with RabbitMQ's extensions: one holder type for each class of the protocol,
             * with a nested record or enum for each method. Generated: no layout is written by hand.
             *
             * <p>Starting points:
             * {@link %1$s.Method},
             * {@link %1$s.MethodDecoder},
             * {@link %1$s.PropertiesCodec}.
             */
            @NullMarked
            package %1$s;

            import org.jspecify.annotations.NullMarked;
            """;

    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        String content = GeneratedFile.header(protocol) + TEXT.formatted(Library.PROTOCOL);
        return List.of(new GeneratedFile(GeneratedFile.path(Library.PROTOCOL, "package-info"), content));
    }
}
