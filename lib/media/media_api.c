#include "media/media.h"

#define BLOB "/v1/blobs/{bucket}/{key...}"
#define SOUNDS "/v1/system-assets"
#define SOUND "/v1/system-assets/{asset}"

#define FILTERS &fc_system_asset_list_shape

const struct fc_route fc_media_routes[] = {
    /* method  path  who may    scope query    body  ok   handler               body's sink */
    {FC_GET, BLOB,   FC_PUBLIC, NULL, NULL,    NULL, 200, fc_blob_get,          NULL,          0},
    {FC_PUT, BLOB,   FC_PUBLIC, NULL, NULL,    NULL, 200, fc_blob_put,          &fc_blob_sink, 0},
    {FC_GET, SOUNDS, FC_ANYONE, NULL, FILTERS, NULL, 200, fc_system_asset_list, NULL,          0},
    {FC_GET, SOUND,  FC_ANYONE, NULL, NULL,    NULL, 200, fc_system_asset_get,  NULL,          0},
    {0},
};
