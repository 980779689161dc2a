package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.Streams;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ManPageTest {
    private static List<CommandLine> commands() {
        CommandLine root = Main.commandLine(Streams.system(), StopRequest.manual(), "");
        return List.copyOf(root.getSubcommands().values());
    }

    @Test
    void pageHasEveryOptionOfTheCommand() throws Exception {
        for (CommandLine command : commands()) {
            String page = new ManPage(command).text();
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertThat(page).contains(".TP\n\\fB" + ManPage.escape(option.names()[0]) + "\\fR");
            }
        }
    }

    /** A line that starts with a dot is a request to roff: each is one that the page means. */
    @Test
    void linesOfTextAreNoRequests() throws Exception {
        for (CommandLine command : commands()) {
            assertThat(new ManPage(command).text().lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
                    .allMatch(line -> line.matches("\\.(TP|PP|nf|fi|RE|RS 4|SH [A-Z ]+|TH \"HOLDFAST.*)"));
        }
    }

    @Test
    void escapesHyphensBackslashesAndLeadingDots() {
        assertThat(ManPage.escape("a-b\\")).isEqualTo("a\\-b\\e");
        assertThat(ManPage.escape(".a")).isEqualTo("\\&.a");
        assertThat(ManPage.escape("'a")).isEqualTo("\\&'a");
    }
}
