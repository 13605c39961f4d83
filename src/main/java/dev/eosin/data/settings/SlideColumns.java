package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.Optional;

/// Which column of a table of slides holds what.
@Doc("Which column of a table of slides holds what.")
public record SlideColumns(
    @Doc("The slide's file.") @OrElse("slide") String slide,
    @Doc("The patient or case; without it each slide is a group of its own.")
        Optional<String> group,
    @Doc("The class of all its tiles.") Optional<String> label,
    @Doc("What is said of all its tiles.") Optional<String> caption,
    @Doc(
            "Micrometres that a pixel of level 0 measures, whatever the file says; an empty field leaves it to the file. A column of the name mpp is used unasked.")
        Optional<String> mpp) {}
