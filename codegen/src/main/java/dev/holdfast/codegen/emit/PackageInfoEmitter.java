package dev.holdfast.codegen.emit;

import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;

/** Writes the package's own page; JavaPoet knows no {@code package-info}. */
public final class PackageInfoEmitter implements Emitter {
    private static final String TEXT = """
            /**
             * The methods of AMQP 0-9-1 with RabbitMQ's extensions: one holder for each class of the protocol, in it a record for
             * each method. Generated, so that no layout is written by hand.
             *
             * <p>Starting points: {@link %1$s.Method}, {@link %1$s.MethodDecoder}, {@link
             * %1$s.PropertiesCodec}.
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
