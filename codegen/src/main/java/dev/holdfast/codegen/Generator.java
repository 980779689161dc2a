package dev.holdfast.codegen;

import dev.holdfast.codegen.emit.Emitter;
import dev.holdfast.codegen.emit.GeneratedFile;
import dev.holdfast.codegen.emit.HolderEmitter;
import dev.holdfast.codegen.emit.MessagePropertiesEmitter;
import dev.holdfast.codegen.emit.MethodDecoderEmitter;
import dev.holdfast.codegen.emit.MethodEmitter;
import dev.holdfast.codegen.emit.OutputFolder;
import dev.holdfast.codegen.emit.PackageInfoEmitter;
import dev.holdfast.codegen.emit.PropertiesCodecEmitter;
import dev.holdfast.codegen.emit.ProtocolConstantsEmitter;
import dev.holdfast.codegen.emit.ReplyCodeEmitter;
import dev.holdfast.codegen.emit.UnknownMethodEmitter;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.ProtocolBuilder;
import dev.holdfast.codegen.spec.Problems;
import dev.holdfast.codegen.spec.Spec;
import dev.holdfast.codegen.spec.SpecChecker;
import dev.holdfast.codegen.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Generates Java sources from the protocol file: reads, checks and resolves it, then runs every emitter. */
public final class Generator {
    private static final List<Emitter> EMITTERS = List.of(
            new PackageInfoEmitter(),
            new ProtocolConstantsEmitter(),
            new MethodEmitter(),
            new HolderEmitter(),
            new MethodDecoderEmitter(),
            new UnknownMethodEmitter(),
            new PropertiesCodecEmitter(),
            new MessagePropertiesEmitter(),
            new ReplyCodeEmitter());

    private Generator() {}

    /**
     * Brings a folder of generated sources up to date.
     *
     * @return the number of files written or removed
     * @throws dev.holdfast.codegen.spec.SpecException if the protocol file has errors; nothing is written then
     */
    public static int generate(Path protocolFile, Path outputFolder) throws IOException {
        return new OutputFolder(outputFolder).bringUpToDate(files(protocolFile));
    }

    /** Generates all files in memory. */
    static List<GeneratedFile> files(Path protocolFile) throws IOException {
        Problems problems = new Problems(protocolFile.getFileName().toString());
        Spec spec = SpecReader.read(protocolFile, problems);
        SpecChecker.check(spec, problems);
        Protocol protocol = ProtocolBuilder.build(spec, problems);
        problems.throwIfAny();
        return EMITTERS.stream()
                .flatMap(emitter -> emitter.emit(protocol).stream())
                .toList();
    }
}
