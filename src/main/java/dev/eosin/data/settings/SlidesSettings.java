package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.slide.TilingSettings;
import dev.eosin.slide.TissueSettings;
import java.util.List;
import java.util.Map;

/// `type: slides`: tiles straight from whole slides.
@Named("slides")
@Doc(
    "Tiles of whole slides, cut when they are needed, without files in between. Tissue is looked for when the run starts; blank, blurred and marked tiles are told by their pixels alone, so that only `eosin prepare` with `kind: tiles` leaves them out.")
public record SlidesSettings(
    @Doc("The slides. Groups are patients where a column names them, else slides.")
        SlideListSettings slides,
    @Doc("Which tiles are cut.") TilingSettings cut,
    @Doc("Which tiles have tissue.") @OrElse("{}") TissueSettings tissue,
    @Doc("What each label shows, in the order of the classes; without it the label is the text.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions for slides without a caption column; {} stands for the class text.")
        @OrElse("[]")
        List<String> templates)
    implements SourceSettings {
  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, templates
  ///   beside a caption column or without labels
  public SlidesSettings {
    RowRules rules =
        RowRules.checked(
            "slides.columns",
            slides.columns().caption().isPresent(),
            slides.columns().label().isPresent(),
            true,
            classNames,
            templates);
    classNames = rules.classNames();
    templates = rules.templates();
  }
}
