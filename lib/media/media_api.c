#include "media/media.h"

const struct fc_route fc_media_routes[] = {
    /* method path                          who may    scope query                        body  ok
     * handler               body's sink  */
    {FC_GET,  "/v1/blobs/{bucket}/{key...}", FC_PUBLIC, NULL, NULL,                        NULL, 200, fc_blob_get,           NULL,          0},
    {FC_PUT,  "/v1/blobs/{bucket}/{key...}", FC_PUBLIC, NULL, NULL,                        NULL, 200, fc_blob_put,           &fc_blob_sink, 0},
    {FC_GET,  "/v1/system-assets",           FC_ANYONE, NULL, &fc_system_asset_list_shape, NULL, 200, fc_system_asset_list,  NULL,          0},
    {FC_GET,  "/v1/system-assets/{asset}",   FC_ANYONE, NULL, NULL,                        NULL, 200, fc_system_asset_get,   NULL,          0},
    {0},
};
