package dev.holdfast.cli;

import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Writes the man pages and the completion for shells. The build runs this class for the distribution. */
final class Manual {
    private Manual() {}

    /**
     * Writes the files.
     *
     * @param args the folder, such as {@code share}
     */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]));
    }

    static void write(Path share) throws IOException {
        CommandLine root = Main.commandLine(Streams.system(), StopRequest.manual(), "");
        Path pages = Files.createDirectories(share.resolve("man").resolve("man1"));
        write(pages, root);
        for (CommandLine command : root.getSubcommands().values()) {
            write(pages, command);
        }
        Path completions =
                Files.createDirectories(share.resolve("bash-completion").resolve("completions"));
        Files.writeString(completions.resolve("holdfast"), AutoComplete.bash("holdfast", root));
    }

    private static void write(Path folder, CommandLine command) throws IOException {
        ManPage page = new ManPage(command);
        Files.writeString(folder.resolve(page.name() + ".1"), page.text());
    }
}
