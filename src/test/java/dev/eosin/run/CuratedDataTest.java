package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.Preparation;
import dev.eosin.recipe.trained.TrainableRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lists of steps that ship, on small copies of what they are for.
class CuratedDataTest {
  private static final Path IMAGES = Path.of("src/test/resources/curate/images");

  @TempDir private Path folder;

  @BeforeEach
  void copyImages() throws IOException {
    Files.createDirectories(folder.resolve("images"));
    for (String name : List.of("a.png", "b.jpg", "c.png", "a-mirrored.png")) {
      Files.copy(IMAGES.resolve(name), folder.resolve("images").resolve(name));
    }
    Files.copy(IMAGES.resolve("a.png"), folder.resolve("images/v1_image_1.png"));
    Files.copy(IMAGES.resolve("c.png"), folder.resolve("images/v1_image_2.png"));
  }

  private PreparationReport prepare(String recipe, String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("output.dir=" + folder.resolve("out"));
    Preparation preparation = Preparation.read(Path.of("data-prep", recipe, "curate.yaml"), all);
    return Preparations.run(preparation, progress -> {}, () -> false);
  }

  private List<String> rejects() throws IOException {
    List<String> rejects = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("out/rejects.jsonl"))) {
      JsonNode reject = new ObjectMapper().readTree(line);
      rejects.add(reject.path("key").asText() + " " + reject.path("reason").asText());
    }
    return rejects;
  }

  @Test
  void aTableOfOnesOwnBecomesShardsThatTheTrainingOpens() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("pairs.csv"),
            """
            id,image,caption,patient
            1,images/a.png,"Nests of atypical squamous cells in a fibrous stroma.",P1
            2,images/b.jpg,"Colonic mucosa with crypts, no dysplasia.",P2
            3,images/c.png,"Glands of the stomach with intestinal metaplasia.",P1
            4,images/a-mirrored.png,"Basal cell carcinoma with peripheral palisading.",P3
            5,images/none.png,"Papillary carcinoma of the thyroid gland.",P4
            """);
    PreparationReport report = prepare("own-table", "curate.table=" + table);
    assertThat(rejects()).containsExactly("4 duplicate-picture", "5 images");
    assertThat(report.funnel().kept()).isEqualTo(3);
    var training =
        TrainableRecipe.read(
            Path.of("data-prep/own-table/train.yaml"),
            List.of("data.train.path=" + folder.resolve("out") + "/pairs-*.tar"));
    Source source =
        Sources.open(((ClipRecipe) training.recipe()).data().train(), new ImageDecoder());
    assertThat(List.of(0L, 1L, 2L))
        .extracting(index -> source.get(index).group().orElse(""))
        .containsExactly("P1", "P2", "P1");
  }

  @Test
  void tweetsAndTheirAnswersGoThroughTheRulesOfOpenPath() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("rows.csv"),
            """
            image,caption,source,sensitive,parent,likes
            images/a.png,"Nests of squamous cell carcinoma in a fibrous stroma. #dermpath https://t.co/x",tweet,False,,3
            images/b.jpg,"What is your diagnosis of this biopsy?",tweet,False,,9
            images/b.jpg,"Is it a carcinoma? Glands of a colonic adenocarcinoma with necrosis.",LAION,False,,0
            images/c.png,"Great case, thanks for sharing it with all of us!",reply,False,2,50
            images/c.png,"Basal cell carcinoma with peripheral palisading.",reply,False,2,5
            images/c.png,"A melanoma in my humble opinion, look at these nests.",reply,False,2,4
            images/a-mirrored.png,"Squamous cell carcinoma, keratin pearls within the tumour.",tweet,False,,1
            images/c.png,"Specimen of the colon after surgery, with a tumour.",tweet,True,,1
            """);
    prepare("openpath", "curate.table=" + table);
    assertThat(rejects())
        .containsExactly(
            "row-0000002 questions",
            "row-0000004 most-liked",
            "row-0000006 most-liked",
            "row-0000007 duplicate-picture",
            "row-0000008 field-sensitive");
    assertThat(Files.readString(folder.resolve("out/manifest.json"))).contains("\"rows\" : 3");
  }

  @Test
  void framesOfOneVideoOfQuiltAreOneGroup() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("quilt_1M_lookup.csv"),
            """
            ,caption,image_path,subset,split,pathology,roi_text,noisy_text,corrected_text,med_umls_ids,magnification,height,width
            0,Nests of atypical squamous cells in the dermis.,v1_image_1.png,quilt,train,['Dermatopathology'],[],x,x,[],1.0,48,48
            1,Nests of atypical squamous cells in the dermis.,v1_image_1.png,quilt,train,['Dermatopathology'],[],x,x,[],1.0,48,48
            2,Glands of the stomach with intestinal metaplasia.,v1_image_2.png,quilt,train,,[],x,x,[],0.0,48,48
            3,Colonic mucosa with crypts and no dysplasia.,b.jpg,openpath,val,,[],x,x,[],,48,48
            4,Necrosis,b.jpg,openpath,val,,[],x,x,[],,48,48
            """);
    prepare(
        "quilt-1m",
        "curate.table=" + table,
        "curate.images=" + folder.resolve("images"),
        "curate.format=jsonl");
    assertThat(rejects()).containsExactly("row-0000002 duplicate-pair", "row-0000005 words");
    assertThat(Files.readAllLines(folder.resolve("out/pairs.jsonl")))
        .extracting(line -> new ObjectMapper().readTree(line).path("group").asText())
        .containsExactly("v1", "v1", "row-0000004");
  }

  @Test
  void shortCaptionsOfPcaptionAreDropped() throws IOException {
    String words =
        "Nests of atypical squamous cells with keratin pearls in a fibrous stroma of the dermis,";
    Path table =
        Files.writeString(
            folder.resolve("pairs.json"),
            """
            [{"image": "images/a.png", "caption": "%s with lymphocytes around them at high power."},
             {"image": "images/b.jpg", "caption": "%s"},
             {"image": "images/c.png", "caption": "%s with plasma cells around them at low power."}]
            """
                .formatted(words, words, words));
    PreparationReport report = prepare("pcaption-0.5m", "curate.source.path=" + table);
    assertThat(rejects()).containsExactly("images/b.jpg words");
    assertThat(report.funnel().kept()).isEqualTo(2);
  }
}
