#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/create.h"
#include "programme/starter.h"

static const np_option options[] = {
    {"template", "NAME",
     N_("What programme.yaml begins as. minimal: one theme, one cohort, an annual "
        "report. "
        "municipal: four themes, half-year, annual, start-up and final reports, a grant, "
        "indicators and coding schemes. Default: minimal."),
     NP_STARTERS, false},
    {"by", "USER",
     N_("The first user, who is administrator. Default: $NULLPUNKT_USER, else the name "
        "that you are logged in by."),
     NULL, false},
    {"name", "TEXT", N_("The first user's full name. Default: the user's name."), NULL,
     false},
};

static int present_year(void)
{
    int year, month, day;
    np_date_split(np_date_today(), &year, &month, &day);
    return year;
}

static void say_what_next(const np_call *call, const np_programme_new *spec,
                          const np_programme_made *made)
{
    np_buf *out = call->out;
    const char *folder = spec->folder;
    np_buf_format(out, _("%s is a programme now, and %s its administrator.\n\n"), folder,
                  spec->user);
    np_buf_format(out, "    %s/programme.yaml  %s\n", folder,
                  made->made_definition ? _("what it is: a text to change")
                                        : _("what it is: was there already"));
    if (made->made_definition)
        np_buf_format(out, "    %s/tables.yaml     %s\n", folder,
                      _("its tables: a text to change"));
    np_buf_format(out, "    %s/programme.db    %s\n\n", folder, _("its records"));
    np_buf_format(out, "%s\n", _("What next:"));
    if (made->made_definition)
        np_buf_format(out, "    $EDITOR %s/programme.yaml\n", folder);
    np_buf_format(out, "    nullpunkt check %s\n", folder);
    np_buf_format(out, "    nullpunkt user add NAME --programme %s\n", folder);
    np_buf_format(out, "    nullpunkt import FILE --programme %s\n", folder);
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *starter = np_argument(a, "template"), *name = np_argument(a, "name");
    np_programme_new spec = {.folder = np_positional(a, 0),
                             .starter = starter == NULL ? "minimal" : starter,
                             .year = present_year()};
    np_programme_made made;
    (void)answer_no;
    np_status status = np_writer(&spec.user, call, err);
    if (status != NP_OK)
        return status;
    spec.user_name = name == NULL ? spec.user : name;
    status = np_programme_create(&made, &spec, call->arena, err);
    if (status != NP_OK)
        return status;
    if (starter != NULL && !made.made_definition)
        np_buf_format(call->messages, "nullpunkt: %s\n",
                      _("programme.yaml was there already, so --template was not used"));
    say_what_next(call, &spec, &made);
    return NP_OK;
}

const np_command np_command_init = {
    .name = "init",
    .summary = N_("make a programme's folder"),
    .synopsis = "FOLDER [--template NAME] [--by USER]",
    .description =
        N_("Makes the folder of a programme: programme.yaml, which says what the "
           "programme is and is a text to change; programme.db with its records; and a "
           ".gitignore for what can be made again.\n\n"
           "Where FOLDER has a programme.yaml already, the programme is the one that it "
           "describes. Where it has a programme.db, nothing is done."),
    .examples = "nullpunkt init better --template municipal --by kari --name \"Kari "
                "Nordmann\"\n"
                "nullpunkt check better\n",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
