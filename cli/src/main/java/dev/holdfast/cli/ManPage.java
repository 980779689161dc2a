package dev.holdfast.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The man page of a command in roff, made of the texts of its help. */
final class ManPage {
    private static final int COLUMNS = 72;

    private static final String ENVIRONMENT = """
            .TP
            \\fBHOLDFAST_URI\\fR
            The broker, if \\fB\\-\\-uri\\fR is not given.
            .TP
            \\fBHOLDFAST_JAVA_OPTS\\fR
            Options of the JVM, separated by spaces.
            .TP
            \\fBHOLDFAST_CACHE\\fR
            The folder of the archive of classes, with which the JVM starts faster; by default holdfast in
            \\fBXDG_CACHE_HOME\\fR or in ~/.cache. Empty for no archive.
            .TP
            \\fBJAVA_HOME\\fR
            The JDK or JRE, 17 or later; by default that of the command java.""";

    private final CommandLine command;
    private final CommandSpec spec;
    private final StringBuilder page = new StringBuilder();

    ManPage(CommandLine command) {
        this.command = command;
        this.spec = command.getCommandSpec();
    }

    /** Returns the name of the page, such as {@code holdfast-publish}. */
    String name() {
        return spec.qualifiedName("-");
    }

    /** Returns the page. */
    String text() throws IOException {
        UsageMessageSpec usage = spec.usageMessage();
        String version = new Version().getVersion()[0].replaceAll(" \\(.*", "");
        line(".TH \"" + escape(name().toUpperCase(Locale.ROOT)) + "\" \"1\" \"\" \"" + escape(version) + "\" \"\"");
        line(".SH NAME");
        line(escape(name()) + " \\- " + escape(String.join(" ", usage.header()).replaceAll("\\.$", "")));
        line(".SH SYNOPSIS");
        preformatted(synopsis());
        line(".SH DESCRIPTION");
        prose(usage.description());
        prose(usage.footer());
        if (!spec.subcommands().isEmpty()) {
            line(".SH COMMANDS");
            spec.subcommands().forEach((name, each) -> entry("\\fB" + escape(name) + "\\fR", header(each)));
        }
        line(".SH OPTIONS");
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            entry("\\fI" + escape(parameter.paramLabel()) + "\\fR", parameter.description());
        }
        for (OptionSpec option : spec.options()) {
            entry(names(option), option.description());
        }
        if (spec.parent() == null) {
            line(".SH ENVIRONMENT");
            line(ENVIRONMENT);
        }
        line(".SH SEE ALSO");
        line(seeAlso());
        return page.toString();
    }

    private List<String> synopsis() {
        int width = spec.usageMessage().width();
        try {
            spec.usageMessage().width(COLUMNS);
            return command.getHelp().detailedSynopsis(0, null, true).lines().toList();
        } finally {
            spec.usageMessage().width(width);
        }
    }

    private String seeAlso() {
        CommandSpec root = spec.root();
        List<String> names = spec == root
                ? root.subcommands().values().stream()
                        .map(each -> each.getCommandSpec().qualifiedName("-"))
                        .toList()
                : List.of(root.name());
        return names.stream().map(name -> "\\fB" + escape(name) + "\\fR(1)").collect(Collectors.joining(", "));
    }

    private static String[] header(CommandLine command) {
        return command.getCommandSpec().usageMessage().header();
    }

    private static String names(OptionSpec option) {
        String label = takesValue(option) ? "=\\fI" + escape(option.paramLabel()) + "\\fR" : "";
        return Arrays.stream(option.names())
                .map(name -> "\\fB" + escape(name) + "\\fR" + label)
                .collect(Collectors.joining(", "));
    }

    private static boolean takesValue(ArgSpec option) {
        return option.arity().max() > 0;
    }

    private void entry(String term, String[] description) {
        line(".TP");
        line(term);
        line(escape(String.join(" ", description)));
    }

    /** Adds paragraphs: indented lines are examples, and an empty line or an example ends a paragraph. */
    private void prose(String[] lines) {
        boolean inExample = false;
        boolean inParagraph = page.toString().endsWith(".SH DESCRIPTION\n");
        for (String text : lines) {
            boolean example = text.startsWith(" ");
            if (example != inExample) {
                line(example ? ".RS 4\n.nf" : ".fi\n.RE");
            }
            if (text.isBlank()) {
                inParagraph &= page.toString().endsWith(".SH DESCRIPTION\n");
            } else {
                if (!example && !inParagraph) {
                    line(".PP");
                }
                inParagraph = !example;
                line(escape(text.replaceFirst("^ {1,2}", "")));
            }
            inExample = example;
        }
        if (inExample) {
            line(".fi\n.RE");
        }
    }

    private void preformatted(List<String> lines) {
        line(".nf");
        lines.forEach(text -> line(escape(text)));
        line(".fi");
    }

    private void line(String text) {
        page.append(text).append('\n');
    }

    /** Escapes what roff would interpret: backslashes, hyphens, and a dot or quote at the start of a line. */
    static String escape(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
